"use strict";

// An empty hour that is clicked, or "Plan a lesson", opens the form beside it; refusals come there.
// Without this script each leads to a page of its own with the same form.
const plan = document.getElementById("plan");
const EDGE = 8;
let planFrom = null;

function openPlan(link) {
  planFrom = link;
  link.setAttribute("aria-busy", "true");
  htmx.ajax("GET", link.href, { source: plan, target: plan });
}

function showPlan() {
  planFrom.removeAttribute("aria-busy");
  planFrom.classList.add("chosen");
  if (!plan.open) {
    plan.showModal();
  }
  placePlan();
  const first = [".wrong :is(input:not([type=hidden]), select)", "[autofocus]", "input:not([type=hidden])", "a"];
  first.map((one) => plan.querySelector(one)).find(Boolean)?.focus();
}

// Beside what was clicked, inside the window; a phone has it on top, with room for its keyboard.
function placePlan() {
  const isPhone = window.matchMedia("(max-width: 40rem)").matches;
  const from = planFrom.getBoundingClientRect();
  const own = plan.getBoundingClientRect();
  const right = from.right + EDGE;
  const fits = right + own.width <= document.documentElement.clientWidth - EDGE;
  const left = fits ? right : Math.max(EDGE, from.left - own.width - EDGE);
  const top = Math.max(EDGE, Math.min(from.top, window.innerHeight - own.height - EDGE));
  plan.style.left = isPhone ? "" : `${left}px`;
  plan.style.top = isPhone ? "" : `${top}px`;
}

function hasForm(xhr) {
  return !xhr.responseText.includes("<html");
}

// What could not be had is asked for as a page, which says why; what could not be sent is kept.
function planFailed() {
  if (!plan.open) {
    window.location.assign(planFrom.href);
    return;
  }
  const said = plan.querySelector("[data-not-sent]");
  if (said) {
    said.hidden = false;
    placePlan();
  }
}

function sayWeekday(field) {
  const said = plan.querySelector("[data-weekday]");
  const day = new Date(`${field.value}T12:00Z`);
  if (said && !Number.isNaN(day.getTime())) {
    said.textContent = day.toLocaleDateString(document.documentElement.lang, { weekday: "long", timeZone: "UTC" });
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a.hour, a.plan-lesson");
  const isPlain = !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (link && isPlain && !event.defaultPrevented) {
    event.preventDefault();
    openPlan(link);
  }
});

plan.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status >= 400 && xhr.status < 500 && hasForm(xhr)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
plan.addEventListener("htmx:afterSettle", showPlan);
plan.addEventListener("htmx:responseError", planFailed);
plan.addEventListener("htmx:sendError", planFailed);
plan.addEventListener("input", (event) => event.target.name === "day" && sayWeekday(event.target));
plan.addEventListener("click", (event) => {
  const box = plan.getBoundingClientRect();
  const isBeside = event.target === plan && (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom);
  if (isBeside || event.target.closest("[data-closes]")) {
    event.preventDefault();
    plan.close();
  }
});
plan.addEventListener("close", () => {
  planFrom.classList.remove("chosen");
  plan.replaceChildren();
});
