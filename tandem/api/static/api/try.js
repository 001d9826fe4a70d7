"use strict";

// Calls are tried in Swagger UI, which is given our own document. The token is a value of this
// function and stands nowhere else: not in the page, not in storage, and not in the commands that
// Swagger UI shows, which have words in its place.
(() => {
  const IN_ITS_PLACE = "YOUR_TOKEN";
  const page = document.body.dataset;
  const place = document.getElementById("viewer");
  const form = document.getElementById("token-form");
  const field = document.getElementById("token");
  const said = document.getElementById("token-said");
  const forget = document.getElementById("forget");
  let token = "";

  function use(value) {
    token = value;
    field.value = "";
    field.required = !token;
    forget.hidden = !token;
    said.textContent = token ? said.dataset.some.replace("{end}", token.slice(-4)) : said.dataset.none;
  }

  // What a call carries is decided here, whatever Swagger UI would send: the token, and no cookie.
  function withTokenAlone(request) {
    delete request.headers.Authorization;
    if (token) {
      request.headers.Authorization = `Bearer ${token}`;
    }
    request.credentials = "omit";
    request.mode = "same-origin";
    return request;
  }

  // Swagger UI with the calls alone: what is said of all of them stands on the page for reading, and a
  // token is given in the field above. Fields get names, and what scrolls is reached by the keyboard.
  function calls({ React }) {
    const make = React.createElement;
    const Calls = ({ getComponent }) =>
      make("div", { className: "swagger-ui" }, make(getComponent("SvgAssets")), make(getComponent("operations", true)));
    return {
      components: { Calls },
      wrapComponents: {
        authorizeOperationBtn: () => () => null,
        TextArea: (Part) => (given) => make(Part, { ...given, "aria-label": "Body" }),
        JsonSchemaForm: (Part) => (given) =>
          make("label", {}, make("span", { className: "unseen" }, given.description), make(Part, given)),
        SyntaxHighlighter: (Part) => (given) => make("div", { className: "scrolls", tabIndex: 0 }, make(Part, given)),
      },
    };
  }

  function everyCall(described) {
    return Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, call]) => ({ call, anchor: `${method.toUpperCase()}-${path}` })),
    );
  }

  // Of each call what is sent; what it answers is a link. Swagger UI reads the whole of a document of
  // OpenAPI 3.1 anew for each call that is opened, for seconds; of one of 3.0 the call alone. What is
  // left of ours is the same in both.
  function whatIsSent(described) {
    everyCall(described).forEach(({ call, anchor }) => {
      const reading = `[What it answers, and when](${page.reading}#${encodeURI(anchor)})`;
      call.description = `${call.description || ""}\n\n${reading}`;
      call.responses = { default: { description: "" } };
    });
    delete described.components.responses;
    return { ...described, openapi: "3.0.3" };
  }

  // An address that ends like one of the page for reading opens that call.
  function open(viewer, described) {
    const wanted = decodeURIComponent(location.hash.slice(1));
    const found = everyCall(described).find(({ anchor }) => anchor === wanted);
    if (!found) {
      return;
    }
    const [tag] = found.call.tags;
    viewer.layoutActions.show(["operations-tag", tag], true);
    viewer.layoutActions.show(["operations", tag, found.call.operationId], true);
    setTimeout(() => place.querySelector(".opblock.is-open")?.scrollIntoView());
  }

  function show(described) {
    const viewer = SwaggerUIBundle({
      domNode: place,
      spec: whatIsSent(described),
      layout: "Calls",
      plugins: [calls],
      docExpansion: "none",
      tryItOutEnabled: true,
      displayRequestDuration: true,
      syntaxHighlight: false,
      persistAuthorization: false,
      validatorUrl: null,
      requestInterceptor: withTokenAlone,
      showMutatedRequest: false,
      onComplete: () => {
        viewer.preauthorizeApiKey("BearerToken", IN_ITS_PLACE);
        open(viewer, described);
        addEventListener("hashchange", () => open(viewer, described));
      },
    });
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    use(field.value.trim().replace(/^Bearer\s+/i, ""));
  });
  forget.addEventListener("click", () => {
    use("");
    field.focus();
  });
  // A page to which somebody comes back may be the very one that was left.
  addEventListener("pagehide", () => use(""));
  form.hidden = false;
  use("");
  fetch(page.document, { credentials: "omit" })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)))
    .then(show, () => {
      place.textContent = page.away;
    });
})();
