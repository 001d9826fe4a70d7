"use strict";

const { listIsOld, keys } = document.currentScript.dataset;

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
// speaks to the machine may say a / by accident: the key alone can be switched off.
function findAnybody(event) {
  const isTyping = event.target.closest("input, select, textarea") !== null;
  const isKey = keys !== "off" && event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping;
  const isChord = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  const box = document.querySelector(".find input");
  if (!box || !(isChord || isKey)) {
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

// The further pages of the menu fold up again when something else is pressed, or Escape.
function foldMenu(event) {
  const menu = document.querySelector(".further[open]");
  if (!menu || (event.type === "click" ? menu.contains(event.target) : event.key !== "Escape")) {
    return;
  }
  menu.open = false;
  if (event.type === "keydown" && menu.contains(document.activeElement)) {
    menu.querySelector("summary").focus();
  }
}

// A file that is too large is told of as soon as it is chosen, and not sent.
function lookAtSize(event) {
  const { files, dataset } = event.target;
  if (!dataset.most) {
    return;
  }
  const isTooLarge = [...files].some((one) => one.size > Number(dataset.most));
  event.target.setCustomValidity(isTooLarge ? dataset.tooLarge : "");
  event.target.reportValidity();
}

document.addEventListener("change", lookAtSize);
document.addEventListener("keydown", findAnybody);
document.addEventListener("keydown", foldMenu);
document.addEventListener("click", foldMenu);
document.querySelectorAll("[data-copy]").forEach(offerCopying);
document.addEventListener("htmx:responseError", sayListIsOld);
document.addEventListener("htmx:sendError", sayListIsOld);
