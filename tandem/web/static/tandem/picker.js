"use strict";

// A field into which a name is typed: those who may be meant are suggested below it, by the server.
// Arrow keys choose, Enter takes, Escape closes. Without this script the server asks who is meant.
const PAUSE = 150;
// What it says stands on the script's own element, in the language of the page.
const pickerWords = document.currentScript.dataset;

let pickers = 0;

function element(tag, attributes, ...content) {
  const made = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  made.append(...content);
  return made;
}

// The parts are made here, so that without a script the field is a plain one.
function partsOf(input) {
  pickers += 1;
  const list = element("ul", { role: "listbox", id: `suggested-${pickers}`, "aria-label": pickerWords.suggestions });
  const said = element("p", { role: "status", class: "quiet" });
  const box = element("div", { class: "suggested" }, list, said);
  box.hidden = true;
  const around = input.closest(".pick") || element("div", { class: "pick" });
  if (!around.contains(input)) {
    input.before(around);
    around.append(input);
  }
  input.after(box);
  input.removeAttribute("list");
  Object.entries({
    role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id,
  }).forEach(([name, value]) => input.setAttribute(name, value));
  return { input, around, list, said, box };
}

function wordsFor(answer, typed) {
  if (answer.new) {
    return pickerWords.newSubject.replace("{typed}", typed);
  }
  if (!answer.found.length) {
    return typed ? pickerWords.nobody : pickerWords.nothing;
  }
  const found = answer.found.length;
  const number = found === 1 ? pickerWords.one : pickerWords.several.replace("{number}", found);
  return answer.more ? `${number} ${pickerWords.more}` : number;
}

class Picker {
  constructor(input) {
    Object.assign(this, partsOf(input), { active: -1, waiting: 0, asking: null, isStale: false, takes: false });
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.pressed(event));
    input.addEventListener("click", () => this.box.hidden && this.ask());
    input.addEventListener("blur", () => this.close());
    this.box.addEventListener("mousedown", (event) => event.preventDefault());
  }

  get options() {
    return [...this.list.children];
  }

  typed() {
    this.tell("");
    clearTimeout(this.waiting);
    this.setStale(true);
    this.waiting = setTimeout(() => this.ask(), PAUSE);
  }

  // Until the answer comes, whoever stands there was suggested for other letters.
  setStale(isStale) {
    this.isStale = isStale;
    this.takes = false;
    this.list.setAttribute("aria-busy", String(isStale));
    if (isStale) {
      this.mark(-1);
    }
  }

  async ask() {
    clearTimeout(this.waiting);
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    const address = new URL(this.input.dataset.suggest, window.location.href);
    const typed = this.input.value.trim();
    if (!typed && this.input.form?.matches(".find")) {
      this.close();
      return;
    }
    // What stands there already was chosen: all the others are worth seeing then.
    address.searchParams.set("q", this.isChosen() ? "" : typed);
    try {
      const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) {
        throw new Error(answer.statusText);
      }
      this.show(await answer.json(), typed);
    } catch (error) {
      if (error.name !== "AbortError") {
        this.show({ found: [] }, typed);
        this.said.textContent = pickerWords.notNow;
      }
    }
  }

  isChosen() {
    const [id, text] = this.hidden();
    return Boolean(id?.value && text?.value === this.input.value);
  }

  hidden() {
    return ["_is", "_for"].map((end) => this.around.querySelector(`input[type="hidden"][name="${this.input.name}${end}"]`));
  }

  show(answer, typed) {
    if (document.activeElement !== this.input) {
      return;
    }
    const takes = this.takes;
    this.setStale(false);
    this.list.replaceChildren(...answer.found.map((one, number) => this.optionOf(one, number)));
    this.said.textContent = wordsFor(answer, typed);
    this.box.hidden = false;
    this.input.setAttribute("aria-expanded", String(answer.found.length > 0));
    this.mark(this.takesFirst(typed) ? 0 : -1);
    if (takes && (answer.found.length === 1 || this.active === 0)) {
      this.options[0]?.click();
    }
  }

  // Where a choice is seen before it is sent, the likeliest need not be pointed at.
  takesFirst(typed) {
    return this.input.hasAttribute("data-first") && Boolean(typed) && this.options.length > 0;
  }

  // What tells whoever was chosen from others with such a name, where there is room to say it.
  tell(about) {
    const told = this.around.querySelector(".about");
    if (told) {
      told.textContent = about;
    }
  }

  optionOf(one, number) {
    const name = element("bdi", {}, one.name);
    const option = element("li", { role: "option", id: `${this.list.id}-${number}`, "aria-selected": "false" }, name);
    if (one.about) {
      option.append(" ", element("span", { class: "quiet" }, one.about));
    }
    option.addEventListener("click", () => this.pick(one));
    return option;
  }

  mark(number) {
    this.active = number;
    this.options.forEach((option, place) => option.setAttribute("aria-selected", String(place === number)));
    const option = this.options[number];
    if (option) {
      this.input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  pressed(event) {
    const isOpen = !this.box.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.step(event.key === "ArrowDown" ? 1 : -1, isOpen);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Enter" && this.isStale && (isOpen || this.input.hasAttribute("data-first"))) {
      // The box on top of the page is sent as it is; elsewhere the answer is waited for.
      if (!this.input.form?.matches(".find")) {
        event.preventDefault();
        this.takes = true;
      }
    } else if (event.key === "Enter" && isOpen && (this.active >= 0 || this.options.length === 1)) {
      event.preventDefault();
      this.options[Math.max(0, this.active)].click();
    }
  }

  step(way, isOpen) {
    const number = this.options.length;
    if (!isOpen) {
      this.ask();
    } else if (number && !this.isStale) {
      this.mark(this.active < 0 ? (way > 0 ? 0 : number - 1) : (this.active + way + number) % number);
    }
  }

  pick(one) {
    if (one.href) {
      window.location.assign(one.href);
      return;
    }
    this.input.value = one.name;
    this.tell(one.about);
    this.around.querySelector("fieldset")?.remove();
    const [id, text] = this.hidden();
    if (text) {
      const kept = id || element("input", { type: "hidden", name: `${this.input.name}_is` });
      this.around.append(kept);
      kept.value = one.id;
      text.value = one.name;
    }
    this.close();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  close() {
    clearTimeout(this.waiting);
    this.asking?.abort();
    this.setStale(false);
    this.box.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.mark(-1);
  }
}

function offerNames(within) {
  within.querySelectorAll("input[data-suggest]:not([role=combobox])").forEach((input) => {
    const picker = new Picker(input);
    // What was typed while the page was still arriving.
    if (input === document.activeElement && input.value !== input.defaultValue) {
      picker.typed();
    }
  });
}

offerNames(document);
document.addEventListener("htmx:load", (event) => offerNames(event.detail.elt));
