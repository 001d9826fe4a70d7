"use strict";

const { listIsOld } = document.currentScript.dataset;

// The copy buttons work only with this script, so they are hidden until it runs.
function offerCopying(button) {
  const source = document.getElementById(button.dataset.copy);
  const said = document.querySelector(`[data-copied="${button.dataset.copy}"]`);
  button.hidden = false;
  button.addEventListener("click", async () => {
    source.select();
    try {
      await navigator.clipboard.writeText(source.value);
      said.textContent = said.dataset.done;
    } catch {
      said.textContent = said.dataset.failed;
    }
  });
}

// A list that could not be brought up to date says so in the place where it stands.
function sayListIsOld(event) {
  const said = event.detail.target.querySelector("[role=status]");
  if (said) {
    said.textContent = listIsOld;
  }
}

document.querySelectorAll("[data-copy]").forEach(offerCopying);
document.addEventListener("htmx:responseError", sayListIsOld);
document.addEventListener("htmx:sendError", sayListIsOld);
