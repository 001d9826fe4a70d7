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

// The key / and Ctrl+K lead to the box on top, or where that is too narrow to its page. Whoever
// speaks to the machine may say a / by accident: the key alone can be switched off, in this browser.
const KEY_OFF = "tandem-key-off";
const isTyping = (target) => target.closest("input, select, textarea, [contenteditable]") !== null;

function findAnybody(event) {
  const isKey = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !localStorage.getItem(KEY_OFF);
  const isChord = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  const box = document.querySelector(".find input");
  if (!box || !(isChord || (isKey && !isTyping(event.target)))) {
    return;
  }
  event.preventDefault();
  if (box.offsetParent) {
    box.focus();
    box.select();
  } else {
    window.location.assign(box.form.action);
  }
}

function offerKey(said) {
  const show = () => {
    const off = Boolean(localStorage.getItem(KEY_OFF));
    said.querySelector("[data-keys-on]").hidden = off;
    said.querySelector("[data-keys-off]").hidden = !off;
  };
  said.hidden = false;
  said.addEventListener("click", (event) => {
    if (event.target.matches("[data-keys-on] button")) {
      localStorage.setItem(KEY_OFF, "off");
    } else if (event.target.matches("[data-keys-off] button")) {
      localStorage.removeItem(KEY_OFF);
    }
    show();
  });
  show();
}

document.addEventListener("keydown", findAnybody);
document.querySelectorAll("[data-keys]").forEach(offerKey);
document.querySelectorAll("[data-copy]").forEach(offerCopying);
document.addEventListener("htmx:responseError", sayListIsOld);
document.addEventListener("htmx:sendError", sayListIsOld);
