"use strict";

// Passkeys are offered where the browser has them: by https or on this machine, under a name.
(() => {
  const form = document.querySelector("[data-passkey]");
  const fault = document.getElementById("passkey-fault");
  const ids = {
    login: "passkey-button",
    add: "passkey-button",
    authenticate: "passkey-button",
    credential: "id_credential",
    passwordless: "id_passwordless",
    data: "passkey-options",
  };
  const isName = !/^[\d.]+$|:/.test(location.hostname.replace(/^\[|\]$/g, ""));

  function say(words) {
    fault.textContent = words;
    fault.hidden = false;
  }

  // The browser says only that nothing came of it: left, too late, or none on this device.
  function sayWhy(event) {
    event.preventDefault();
    const name = event.detail.exception.name;
    if (name === "InvalidStateError") {
      say(fault.dataset.known);
    } else {
      say(fault.dataset.unused);
    }
  }

  if (window.PublicKeyCredential && isName) {
    form.hidden = false;
    document.addEventListener("allauth.error", sayWhy);
    window.allauth.webauthn.forms[`${form.dataset.passkey}Form`]({ ids });
  } else if (form.dataset.passkey !== "login") {
    document.getElementById("passkey-button").disabled = true;
    say(fault.dataset.notHere);
  }
})();
