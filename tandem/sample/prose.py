"""What a tutor writes after a lesson: notes and homework, put together from a few hundred parts."""

from itertools import product
from random import Random

TOPICS = {
    "Maths": "quadratic equations|completing the square|circle theorems|vectors|surds and indices|"
    "simultaneous equations|the sine and cosine rules|probability trees|histograms|"
    "differentiation from first principles|integration by parts|ratio and proportion",
    "Further Maths": "complex numbers|proof by induction|matrices|polar coordinates|"
    "hyperbolic functions|second-order differential equations",
    "Physics": "Newton's second law|moments and levers|specific heat capacity|refraction|"
    "series and parallel circuits|half-life|standing waves|the photoelectric effect|SUVAT problems",
    "Chemistry": "moles and molar mass|balancing equations|electrolysis|rates of reaction|"
    "bonding in giant structures|titration calculations|alkanes and alkenes|equilibria",
    "Biology": "enzymes|osmosis and active transport|the heart|genetic crosses|photosynthesis|"
    "food webs|the nervous system|natural selection",
    "English": "Act 3 of Macbeth|comparing unseen poems|An Inspector Calls|persuasive letters|"
    "the comma splice|A Christmas Carol, stave two|writing to describe|Jane Eyre's Lowood",
    "French": "the perfect tense with être|the subjunctive after bien que|a photo card on holidays|"
    "object pronouns|listening: la vie scolaire|the imperfect",
    "Spanish": "ser and estar|the preterite|por and para|a role play at the market|reflexive verbs",
    "History": "the causes of the First World War|the Weimar constitution|source questions|"
    "medicine through time|the Cold War to 1962",
    "Computer Science": "binary and hexadecimal|bubble and merge sort|trace tables|recursion|"
    "SQL joins|logic gates",
    "11+": "verbal reasoning: codes|non-verbal reasoning|long division|fractions of amounts|"
    "comprehension under time",
}
SUBJECTS = tuple(TOPICS)
SUBJECT_WEIGHTS = (30, 3, 11, 9, 8, 16, 5, 5, 4, 4, 5)

OPENINGS = (
    "Covered {topic}.",
    "Went over {topic} again from the start.",
    "Today: {topic}.",
    "Worked through {topic}, first with examples and then alone.",
    "Revision of {topic} before Thursday's test.",
    "Started on {topic}",
    "Past paper, with most of the time on {topic}.",
    "{topic}: much better than last week!",
    "Mock feedback. Marks were lost on {topic}.",
    "Warm-up, then {topic}; we stopped five minutes early.",
)
REMARKS = (
    "",
    " Confident now.",
    " Still mixes up the signs.",
    " Needs to show each step – the answer alone loses 2 of 3 marks.",
    " 14/20 on the quiz (last time 9/20).",
    " Tired after school, but kept going.",
    '\nSaid: "It finally makes sense."',
    "\n\n- did Q1–Q6\n- Q7 together\n- Q8 left for next time",
    " Great focus today 🎉",
    " Ask Mum about moving to 17:30 next week.   ",
    " Parent's evening went well; school predicts a 7.",
    " Careless with units (cm² and cm).",
    "\r\nArrived 10 min late, made up at the end.\r\n",
    " Let's keep the “explain it back to me” routine.",
    " Très bien ! 👏🏽",
    "\tnext: exam technique",
)
TASKS = (
    "Finish the {topic} worksheet",
    "Past paper on {topic}, questions 1 to 8",
    "Make one page of notes on {topic}",
    "Learn ten flashcards: {topic}",
    "Redo the questions on {topic} that went wrong",
    "Watch the video about {topic} and write three questions",
    'Write a paragraph that begins "The trouble with {topic} is…"',
)
DUE = (
    ".",
    ", for Thursday.",
    ", 30 minutes at most.",
    " – no calculator!",
    " (due next lesson)",
    "\nBring the corrected mock too.",
    ".  ",
    " ✏️",
)

PARTS = 1024
NONE_IN, EMPTY_IN = 8, 16

Texts = tuple[str | None, ...]


def pools(rng: Random) -> dict[str, tuple[Texts, Texts]]:
    """Return, for each subject, PARTS notes and PARTS pieces of homework to draw from.

    About one in eight is None and one in sixteen is empty, as tutors leave them.
    """
    return {
        subject: (
            _pool(rng, OPENINGS, REMARKS, topics.split("|")),
            _pool(rng, TASKS, DUE, topics.split("|")),
        )
        for subject, topics in TOPICS.items()
    }


def _pool(rng: Random, starts: tuple[str, ...], ends: tuple[str, ...], topics: list[str]) -> Texts:
    texts = [
        _sentence(start.format(topic=topic)) + end
        for start, end, topic in product(starts, ends, topics)
    ]
    rng.shuffle(texts)
    return tuple(_or_nothing(rng, texts[number % len(texts)]) for number in range(PARTS))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _or_nothing(rng: Random, text: str) -> str | None:
    if rng.random() * NONE_IN < 1:
        return None
    return "" if rng.random() * EMPTY_IN < 1 else text


def subject(rng: Random) -> str:
    """Return a subject in its usual spelling."""
    return rng.choices(SUBJECTS, SUBJECT_WEIGHTS)[0]


def spelled(rng: Random, name: str) -> str:
    """Return a subject as typed: mostly the usual spelling, now and then another case or space."""
    slips = (name.lower() + " ", name.upper(), " " + name, name.lower())
    return rng.choice(slips) if rng.random() < 0.06 else name  # noqa: PLR2004 - the share of slips
