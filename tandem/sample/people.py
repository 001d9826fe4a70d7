"""Names of people who might learn here, from many cultures and in many scripts."""

import unicodedata
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Culture:
    """Given and family names that go together, how they are joined, and how often they come."""

    weight: int
    given: tuple[str, ...]
    family: tuple[str, ...]
    pattern: str = "{given} {family}"


def _culture(weight: int, given: str, family: str, pattern: str = "{given} {family}") -> Culture:
    """Names are divided by spaces; a low line stands for a space within one."""
    first, last = (
        tuple(name.replace("_", " ") for name in names.split()) for names in (given, family)
    )
    return Culture(weight, first, last, pattern)


LATIN = (
    _culture(
        26,
        "Amelia Oliver Isla George Ava Harry Emily Noah Sophie Thomas Grace Alfie Freya Leo Ruby "
        "Archie Mary-Jane Theo Poppy Samuel Hannah Ben Imogen Finlay Beatrice Rory",
        "Smith Jones Taylor Brown Wilson Evans Walker Wright Hughes Clarke Turner Hill Cooper Ward "
        "Parker-Bowles Ashworth Smith-Jones Fletcher Marsh Pritchard Llewellyn Barnes",
    ),
    _culture(
        7,
        "Saoirse Cillian Aoife Oisín Niamh Seán Caoimhe Pádraig Róisín Tadhg",
        "O'Brien O'Connor Murphy Kelly Byrne O'Sullivan Ó_Dálaigh Ní_Bhriain D'Arcy Walsh",
    ),
    _culture(
        6,
        "Lucía José Sofía Mateo María Íñigo Inés Andrés Begoña Raúl",
        "García Núñez Peña Muñoz Ibáñez Gómez-Acebo Martínez Ordóñez Echeverría Vázquez",
    ),
    _culture(
        5,
        "Chloé Jean-Luc Zoé François Anaïs Théo Maëlle Benoît Océane Loïc",
        "Lefèvre D'Alembert Bélanger Dupré L'Hôpital Gauthier Hervé Saint-Exupéry Français Noël",
    ),
    _culture(
        5,
        "Jürgen Käthe Matthias Zoë Björn Søren Åsa Frøya Sigríður Mäx",
        "Müller Weiß Größmann Sørensen Ångström Jäger Þórsdóttir Hämäläinen Schäfer Østergård",
    ),
    _culture(
        6,
        "Zofia Łukasz Małgorzata Jiří Šárka Željko Věra Tomáš Ágnes Ștefan",
        "Wałęsa Kowalczyk Dvořák Novák Đorđević Szabó Nagy-Kőváry Ionescu Žižka Świątek",
    ),
    _culture(
        4,
        "İrem Çağla Ozan Gökçe Elif Yiğit Şule Emre",
        "Yılmaz Öztürk Şahin Çelik Doğan Kılıç Güneş Arslan",
    ),
    _culture(
        6,
        "Chidi Adaeze Kwame Ngozi Oluwaseun Thandiwe Fatoumata Ṣadé Amara Themba",
        "Okafor Adébáyọ̀ Mensah Dlamini N'Diaye Okonkwo Diallo Mbeki Ọlátúnjí Nkrumah",
    ),
    _culture(
        6,
        "Aarav Priya Ishaan Ananya Rohan Fatima Zainab Imran Ayesha Bilal",
        "Patel Sharma Khan Singh Hussain Begum Chaudhry Reddy Kaur al-Rashid",
    ),
    _culture(
        4,
        "Nguyễn Trần Lê Phạm Huỳnh Đặng",
        "Thị_Hương Văn_Đức Minh_Ánh Quốc_Bảo Thùy_Linh",
    ),
    _culture(
        4,
        "João Conceição Thiago Luísa Antônio Inês Leilani Kahoku",
        "Simões Gonçalves Araújo da_Silva Assunção Magalhães Ka'ahumanu Brandão",
    ),
)
SCRIPTS = (
    _culture(4, "ليلى يوسف مريم عمر نور خالد", "الخطيب حداد منصور العبدالله درويش"),
    _culture(3, "נועה איתי תמר דוד שירה יונתן", "כהן לוי מזרחי בן־דוד שפירא"),
    _culture(4, "思雨 子轩 欣怡 浩然 美玲 志强", "王 李 张 欧阳 陈 林", "{family}{given}"),
    _culture(3, "आरव दीया अर्जुन सान्या कृष्णा मीरा", "शर्मा वर्मा श्रीवास्तव गुप्ता त्रिपाठी"),
    _culture(2, "さくら 陽翔 葵 蓮 美咲", "佐藤 鈴木 髙橋 渡邊 山﨑", "{family} {given}"),
    _culture(2, "서연 민준 지우 하은", "김 이 박 최 남궁", "{family}{given}"),
    _culture(
        2, "Олена Дмитро Наталія Сергій Соломія", "Шевченко Коваленко Мельник Бондар Їжакевич"
    ),
    _culture(1, "Ελένη Γιώργος Δάφνη Νίκος", "Παπαδόπουλος Ιωάννου Καραγιάννη"),
    _culture(1, "กนกวรรณ ณัฐพล สุดา", "ศรีสุวรรณ วงศ์ใหญ่ แสงทอง"),
)
CULTURES = LATIN + SCRIPTS

# 180 characters: longer than any box on a page was drawn for.
LONG_NAME = (
    "María del Pilar Theresa Cayetana Fitz-James Stuart y Silva Falcó y Gurtubay de la Santísima "
    "Trinidad Álvarez de Toledo O'Connell-Montgomery von Hohenstein und Lichtenfels Casa Alba"
)

_UNDECOMPOSED = str.maketrans("łøıßđþŁØĐÞ", "loisdtlodt")


def ascii_word(name: str) -> str:
    """Return a name as it stands in an e-mail address: lower-case ASCII letters only."""
    plain = unicodedata.normalize("NFKD", name.translate(_UNDECOMPOSED))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha()).lower()


GIVEN_WORDS = sorted({ascii_word(name) for culture in LATIN for name in culture.given})
FAMILY_WORDS = sorted({ascii_word(name) for culture in LATIN for name in culture.family})
# Every name as often as its culture comes, so that one even draw is a weighted one.
_DRAW = [culture for culture in CULTURES for _ in range(culture.weight)]


def full_name(rng: Random) -> str:
    """Return a believable full name in its own script and order."""
    culture = _DRAW[int(rng.random() * len(_DRAW))]
    return culture.pattern.format(
        given=rng.choice(culture.given), family=rng.choice(culture.family)
    )


def parent_address(rng: Random, child: str) -> str:
    """Return an address that shares the child's family name, where that can be spelled."""
    family = ascii_word(child.rsplit(maxsplit=1)[-1]) or rng.choice(FAMILY_WORDS)
    return f"{rng.choice(GIVEN_WORDS)}.{family}{rng.randrange(10, 99)}@example.com"


def tutor_address(rng: Random, taken: set[str]) -> str:
    """Return an address that is not in ``taken`` yet, and add it there."""
    name = f"{rng.choice(GIVEN_WORDS)}.{rng.choice(FAMILY_WORDS)}"
    domain = rng.choice(("example.org", "example.com"))
    address = f"{name}@{domain}"
    while address in taken:
        address = f"{name}{rng.getrandbits(20)}@{domain}"
    taken.add(address)
    return address
