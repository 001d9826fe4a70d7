"use strict";

// What it says stands on the script's own element, in the language of the page.
const calendarWords = document.currentScript.dataset;

// Lessons are moved by dragging, or with the keyboard: m, arrows, Enter, Escape. Nothing is changed
// here: a lesson that is put somewhere leads to the form that moves it, filled in, which says what
// stands against it. Rows are five minutes each, as on the server.
const ROWS_IN_STEP = 3;
const MINUTES_IN_ROW = 5;
const NEAR = 5;

let moving = null;

function say(said) {
  document.getElementById("calendar-said").textContent = said;
}

function rowOf(element, side) {
  const found = [...element.classList].find((name) => new RegExp(`^${side}\\d+$`).test(name));
  return Number(found.slice(1));
}

// A lesson stays with its tutor, so where each column is a tutor's it moves up and down only.
function columnsFor(lesson) {
  const own = lesson.closest("[data-column]");
  if (own.dataset.column) {
    return [own];
  }
  return [...document.querySelectorAll("[data-column]")].filter((one) => one.offsetParent !== null);
}

function begin(lesson) {
  const column = lesson.closest("[data-column]");
  const start = rowOf(lesson, "s");
  moving = { lesson, home: column, column, start, row: start, rows: rowOf(lesson, "e") - start, columns: columnsFor(lesson) };
  lesson.classList.add("moving");
}

function hourAt(column, row) {
  return [...column.querySelectorAll("a.hour")].find((cell) => rowOf(cell, "s") <= row && row < rowOf(cell, "e"));
}

function clockAt(column, row) {
  const cell = hourAt(column, row);
  const minutes = cell ? (row - rowOf(cell, "s")) * MINUTES_IN_ROW : 0;
  const [hour, past] = cell ? cell.dataset.clock.split(":").map(Number) : [0, 0];
  return cell ? `${String(hour).padStart(2, "0")}:${String(past + minutes).padStart(2, "0")}` : "";
}

function place(column, row) {
  const hours = column.querySelectorAll(".hour");
  const last = rowOf(hours[hours.length - 1], "e");
  moving.column = column;
  moving.row = Math.max(0, Math.min(row, last - Math.min(moving.rows, last)));
  if (moving.lesson.parentElement !== column) {
    column.append(moving.lesson);
  }
  moving.lesson.style.gridRow = `${moving.row + 1} / span ${moving.rows}`;
  moving.lesson.style.gridColumn = "1 / -1";
}

function snapped(row) {
  return Math.round(row / ROWS_IN_STEP) * ROWS_IN_STEP;
}

function where() {
  const clock = clockAt(moving.column, moving.row);
  return clock ? `${moving.column.dataset.day}, ${clock}` : calendarWords.noSuchHour;
}

// Who is dragged into another tutor's column does not go there: that is said while it is dragged,
// and where it is dropped, with the page on which another tutor takes it.
function note(said, address) {
  const shown = document.getElementById("calendar-note");
  shown.hidden = !said;
  shown.textContent = said;
  if (address) {
    const link = document.createElement("a");
    link.href = address;
    link.textContent = calendarWords.chooseTaker;
    shown.append(" ", link);
  }
}

function stays(other, link) {
  const { lesson, home } = moving;
  const said = calendarWords.staysThere.replace("{tutor}", home.dataset.tutor).replace("{other}", other.dataset.tutor);
  note(said, link ? `${lesson.getAttribute("href")}/cover` : "");
}

function otherTutorAt(x) {
  if (moving.columns.length > 1) {
    return null;
  }
  return [...document.querySelectorAll("[data-tutor]")].find((one) => {
    const box = one.getBoundingClientRect();
    return one !== moving.home && box.left <= x && x < box.right;
  });
}

function cancel() {
  const { lesson, home } = moving;
  home.append(lesson);
  lesson.style.gridRow = "";
  lesson.style.gridColumn = "";
  lesson.classList.remove("moving");
  moving = null;
  return lesson;
}

function drop() {
  const { column, row, start, home, lesson, other } = moving;
  if (other) {
    stays(other, true);
    cancel();
    return;
  }
  const cell = hourAt(column, row);
  if (!cell || (row === start && column === home)) {
    cancel();
    return;
  }
  const at = new Date(new Date(cell.dataset.at).getTime() + (row - rowOf(cell, "s")) * MINUTES_IN_ROW * 60000);
  const wanted = new URLSearchParams({
    from: "calendar",
    at: `${at.toISOString().slice(0, 16)}Z`,
    back: window.location.search.slice(1),
  });
  window.location.assign(`${lesson.dataset.move}?${wanted}`);
}

// With a mouse or a pen; a finger scrolls.
let pressed = null;

document.addEventListener("pointerdown", (event) => {
  const lesson = event.target.closest("[data-move]");
  if (lesson && event.button === 0 && event.pointerType !== "touch" && !moving) {
    pressed = { lesson, x: event.clientX, y: event.clientY, into: event.clientY - lesson.getBoundingClientRect().top };
  }
});

document.addEventListener("pointermove", (event) => {
  if (!pressed) {
    return;
  }
  if (!moving) {
    if (Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) < NEAR) {
      return;
    }
    begin(pressed.lesson);
  }
  event.preventDefault();
  moving.other = otherTutorAt(event.clientX);
  if (moving.other) {
    stays(moving.other, false);
  } else {
    note("");
  }
  const under = moving.columns.find((one) => {
    const box = one.getBoundingClientRect();
    return box.left <= event.clientX && event.clientX < box.right;
  });
  const column = under || moving.column;
  const box = column.getBoundingClientRect();
  const hours = column.querySelectorAll(".hour");
  const height = box.height / rowOf(hours[hours.length - 1], "e");
  place(column, snapped((event.clientY - pressed.into - box.top) / height));
});

// A browser drags links of its own accord, which would end ours.
document.addEventListener("dragstart", (event) => {
  if (event.target.closest && event.target.closest("[data-column]")) {
    event.preventDefault();
  }
});

document.addEventListener("pointerup", () => {
  pressed = null;
  if (moving) {
    // The click that follows would open the lesson's page.
    window.addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => window.removeEventListener("click", stop, { capture: true }), 0);
    drop();
  }
});

document.addEventListener("pointercancel", () => {
  pressed = null;
  if (moving) {
    cancel();
  }
});

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

const STEPS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

function step([aside, down]) {
  if (aside && moving.home.dataset.tutor) {
    say(calendarWords.keepsIt.replace("{tutor}", moving.home.dataset.tutor));
    return;
  }
  const number = moving.columns.indexOf(moving.column) + aside;
  const column = moving.columns[Math.max(0, Math.min(number, moving.columns.length - 1))];
  place(column, down ? snapped(moving.row + down * ROWS_IN_STEP) : moving.row);
  moving.lesson.focus();
  say(where());
}

document.addEventListener("keydown", (event) => {
  const lesson = event.target.closest("[data-move]");
  if (!moving && lesson && event.key === "m" && !event.ctrlKey && !event.metaKey && !event.altKey) {
    begin(lesson);
    say(calendarWords.moving.replace("{where}", where()));
    return;
  }
  if (!moving) {
    return;
  }
  if (STEPS[event.key]) {
    event.preventDefault();
    step(STEPS[event.key]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    drop();
  } else if (event.key === "Escape") {
    cancel().focus();
    say(calendarWords.asItWas);
  }
});

// Where the days of a week are wider than the screen, today is in sight.
const today = document.querySelector(".week-of > .today");
if (today) {
  const scrolled = today.closest(".scroll");
  scrolled.scrollLeft = Math.max(0, today.offsetLeft + today.offsetWidth - scrolled.clientWidth);
}
