"""Personal data in a text: what must not stand in a public answer or cross agencies
unmasked.

Found by form (16 digits, a telephone number, a plate) and by the words in front of it
("no sambungan", "atas nama"). Digits may be split by blanks, dots and hyphens, and
written with letters that look like them ("o" for 0, "l" for 1). Rather one thing too
much is masked than one too little. Types: nik kk phone plate customer_number email
address child health name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import phonenumbers

TYPES = (
    "nik",
    "kk",
    "phone",
    "plate",
    "customer_number",
    "email",
    "address",
    "child",
    "health",
    "name",
)

_LETTER_FOR_DIGIT = str.maketrans("oOlI|", "00111")
_GAP = r"[ \t.()\-_–—\u00a0\u2009]{0,3}"
_DIGITS = re.compile(
    rf"(?:(?<![\w@])\+?[0-9oOlI|]|(?<=[a-z])[0-9]){_GAP}(?:[0-9oOlI|]{_GAP}){{5,89}}[0-9oOlI]"
    r"(?![A-Za-z0-9])"
)
_GROUP = re.compile(r"\+?[0-9oOlI|]+")
_MOST_GROUPS = 16
_GLUED = re.compile(r"(?<!\d)\d{9,16}(?!\d)")
_PRICE = re.compile(r"\b(?:rp|idr|rupiah)\.?\s*$", re.I)
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.I)
_LINK_TO_A_PERSON = re.compile(r"wa\.me|whatsapp|tel:|telepon|phone|nik|ktp|kk=", re.I)
_KK = re.compile(
    r"(?:\bno(?:mor|\.)?\s*)?\b(?:kk|kartu\s+keluarga)\b[^0-9\n]{0,25}$", re.I
)
_CUSTOMER = re.compile(
    r"(?:pelanggan|langganan|plggn|sambungan|id\s*pel\b|idpel|no\.?\s*pel\b|nopel|samb\b|"
    r"no\.?\s*meter\w*|meteran|nomor\s+meter\w*|nosal|\bnpa\b|\bnsl\b|kontrak|kontrol|rekening|customer|account)"
    r"[^\n]{0,22}?[:#.\s]\s*([0-9][0-9A-Za-z]*(?:["
    r" .\-–/]{1,3}[0-9A-Za-z]*[0-9][0-9A-Za-z]*){0,4})",
    re.I,
)
_CUSTOMER_BEGINS = (
    "pel",
    "langganan",
    "plggn",
    "sambungan",
    "samb",
    "meter",
    "nosal",
    "npa",
    "nsl",
    "kontr",
    "rekening",
    "customer",
    "account",
)
_UTILITY = re.compile(r"pdam|\bpam\b|\bair\b|tirta|\bpln\b|listrik|\bcai\b|meter", re.I)
_EMAIL = re.compile(
    r"\b\w[\w.+-]*(?:@|\s?(?:\(at\)|\[at\])\s?)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}", re.I
)
_EMAIL_SAID = re.compile(
    r"\b[\w.+-]+\s+at\s+[\w-]+\s+dot\s+(?:com|co\.?\s?id|net|org|id)\b", re.I
)
_SAID_DIGIT = (
    r"(?:nol|kosong|satu|dua|tiga|empat|lima|enam|tujuh|delapan|lapan|sembilan|\d+)"
)
_PHONE_SAID = re.compile(
    rf"\b(?:nol|kosong)[\s,.-]+(?:delapan|lapan)(?:[\s,.-]+{_SAID_DIGIT}){{2,}}\b", re.I
)
_AT = re.compile(r"@(?<=\w@)\w")
_DIGIT = re.compile(r"\d")
_FEWEST_DIGITS = 3
"""A number of eight signs of which a third are digits; the others look like digits."""
_PLATE_AREAS = (
    "A B D E F G H K L M N P R S T W Z AA AB AD AE AG BA BB BD BE BG BH BK BL BM BN BP"
    " DA DB DC DD DE DG DH DK DL DM DN DP DR DS DT DW EA EB ED KB KH KT KU PA PB PG PS"
    " PT RI"
)
_PLATE = re.compile(
    rf"(?<![\w.])({'|'.join(_PLATE_AREAS.split())})[ .\-]?(\d{{1,4}})["
    r" .\-]?([A-Z]{1,3})(?!\w)"
)
_PLATE_NAMED = re.compile(
    r"(?:\bplat\w*(?:\s+(?:no(?:mor|pol)?|mobil|motor))?|\bnopol|\bno\.?\s*pol(?:isi)?|\bpolisi|"
    r"nomor\s+polisi)\W{0,3}([a-z]{1,2}[ .\-]?\d{1,4}[ .\-]?[a-z]{0,3})(?!\w)",
    re.I,
)
_PLATE_SMALL = re.compile(
    r"\b(?:mobil|motor|angkot|truk|truck|bus|bis|elf|pickup|taksi|taxi|ojol|minibus|avanza|xenia)"
    rf"(?:\s+[a-z]{{4,}}){{0,2}}\s+((?:{'|'.join(_PLATE_AREAS.split())})["
    r" .\-]?\d{3,4}[ .\-]?"
    r"(?!rb|jt|km|jam|th|kg|cm|kk|wib|or|hr|mt|rp)[a-z]{2,3})\b",
    re.I,
)
_NOT_A_PLATE = frozenset(
    ("RT", "RW", "KM", "WIB", "NO", "CM", "M", "KG", "TH", "AM", "PM", "JL")
)
_HOUSE = re.compile(
    r"\b(?:jl|jln|jalan|gg|gang|komp(?:lek|leks)?|kompleks|perum(?:ahan)?|griya|villa|blok|blk|"
    r"kav(?:ling)?|cluster|apartemen|rusun\w*|kp|kampung)\b\.?[^\n,;!?@]{0,45}?"
    r"\b(?:no|nomor|nmr|nomer|num)\b\.?\s*\d+\s?[a-z]?\b|"
    r"\bblok\s+[a-z]{1,2}[ .\-]?\d{1,3}\s*(?:/|no\.?|nomor|-)\s*\d{1,3}\b|"
    r"\b(?:rumah|alamat)\s+(?:saya|kami|sy)\b[^\n]{0,50}?\b(?:no|nomor|nmr)\b\.?\s*\d+|"
    r"\balamat\s*(?:rumah)?\s*[:=]\s*[^\n]{8,}|"
    r"\b(?:rumah|kontrakan|kos(?:an)?|tinggal)\b[^\n]{0,40}?\b(?:no|nomor|nmr)\b\.?\s*\d+[a-z]?\b",
    re.I,
)
_NOT_A_HOUSE = re.compile(
    r"\b(?:aduan|laporan|tiket|perda|perwali|peraturan|undang\S*|surat|sk|trayek|angkot|antre\w*)\s+"
    r"(?:no|nomor|nmr|nomer)\b",
    re.I,
)
_TITLE = r"(?:bapak|ibu|bpk|sdr|sdri|pak|bu|ny|tn|h|hj|dr|almarhum|alm)\.?\s+"
_PERSON = rf"(?:{_TITLE})?[A-Z][a-z'.]+(?:\s+[A-Z](?:[a-z'.]+|\b)){{0,3}}"
_NAME = re.compile(
    r"(?:\b[Nn]ama\s+(?:saya|sy|[Ll]engkap|pemohon|pelapor|saya\s+adalah)\s*[:=]?\s*|"
    r"\b[Nn]ama\s*[:=]\s*|\b[Aa]tas\s+[Nn]ama\s*[:=]?\s*|\b[Aa][./]?[Nn]\.?\s*[:=]?\s+|"
    r"\b(?:[Pp]erkenalkan,?\s+)(?:saya|sy|nama\s+saya)\s+|\b[Mm]y\s+name\s+is\s+|"
    r"\b[Nn]ami\s+(?:abdi|kuring)\s+|\bNAMA\s*[:=]?\s*|\b(?:[Pp]elapor|[Pp]engirim)\s*[:=]\s*|"
    r"\bbertanda\s+tangan\s+(?:di\s*bawah\s+ini\s*)?[:,]?\s*)"
    rf"({_PERSON}|[A-Z][A-Z'.]+(?:\s+[A-Z][A-Z'.]+){{0,3}})"
)
_NAME_AND_HOME = re.compile(
    rf"\b[Ss]aya\s+({_PERSON})(?=,?\s+(?:warga|dari|tinggal|beralamat|asal|ketua|umur|usia)\b)"
)
_NAME_SMALL = re.compile(
    r"\b(?:nama\s+(?:saya|sy)|atas\s+nama|my\s+name\s+is|nami\s+abdi)\s*[:=]?\s*([a-z]{3,}"
    r"(?:\s+[a-z]{3,})?)",
    re.I,
)
_NOT_A_NAME = re.compile(
    r"^(?:ketau|ketahu|tidak|ga|gak|jangan|di|ada|sudah|belum|warga|saya|orang|yang|untuk|akan|"
    r"takut|mohon|tolong|masih|kok|dan|kalau|kalo|jadi|ikut|masuk|terdaftar|pribadi|perusahaan)",
    re.I,
)
_OWN_PEOPLE = (
    r"(?:saya|sy|aku|kami|abdi|kuring|ibu|bapak|emak|mama|ayah|suami|istri|isteri|anak|adik|kakak|"
    r"nenek|kakek|mertua|bayi|tetangga|pasien|orang\s*tua|ortu|keluarga|budak|pun\s+\w+|my\s+\w+|i\s+am|i.m|i\s+have)"
)
_ILLNESS = (
    r"(?:sakit(?!\s+hati)|gering|udur|demam|kanker|tumor|stroke|diabet\w*|hiv|aids|tbc|tb\s+paru|"
    r"hepatitis|jantung|ginjal|cuci\s+darah|hamil|keguguran|melahirkan|dioperasi|rawat\s+inap|"
    r"dirawat|opname|gangguan\s+jiwa|depresi|skizofrenia|epilepsi|ayan|kejang|lumpuh|"
    r"difabel|disabilitas|cacat|odha|odgj|autis\w*|down\s+syndrome|stunting|gizi\s+buruk|dbd|covid|"
    r"asma|lepra|kusta|sick|cancer|pregnant|diabetes|disabled|depressed)"
)
_ILL = re.compile(rf"\b{_ILLNESS}\b", re.I)
_ILL_BEGINS = tuple(re.findall(r"(?<=[:|])[a-z]+", _ILLNESS))
_HEALTH = re.compile(
    rf"\b{_OWN_PEOPLE}\b[^.!?\n]{{0,60}}\b{_ILLNESS}\b|"
    rf"\b{_ILLNESS}\b[^.!?\n]{{0,25}}\b{_OWN_PEOPLE}\b",
    re.I,
)
_NOT_HEALTH = re.compile(r"rumah\s+sakit|\brs\s+\w+|\bibu\s+hamil|\bpasien\s+\w+", re.I)
_OWN_CHILD = (
    r"\b(?:(?:anak|adik|putra|putri|cucu|keponakan|bayi|balita)\s*"
    r"(?:saya|sy|kami|nya|ku|perempuan|laki\S*|pertama|kedua|ketiga|abdi)\b|anaknya\b|anakku\b|"
    r"budak\s+abdi\b|my\s+(?:son|daughter|child|kid)\b)"
)
_CHILD = re.compile(
    rf"{_OWN_CHILD}[^.!?\n]{{0,45}}?"
    r"(?:\b(?:umur|usia|berumur|berusia|yuswa|aged?)\b\D{0,8}\d{1,2}|"
    r"\b\d{1,2}\s*(?:th|thn|tahun|taun|bln|bulan|years?\s+old)\b|\bkelas\s+(?:\d|[ivx]+\b)|"
    r"\bnama(?:nya)?\b|\bbernama\b|\bdi\s+(?:sd|smp|tk|paud)n?\b|"
    rf"\b{_ILLNESS}\b)|"
    r"\bmy\s+(?:\d{1,2}|\w+)[\s-]+year[\s-]+old\b|"
    r"\b(?:bayi|balita)\s+\d{1,2}\s*(?:th|thn|tahun|taun|bln|bulan)\b(?=[^.!?\n]{0,30}"
    rf"\b(?:{_ILLNESS}|korban|hilang|butuh))|"
    r"(?<!untuk )(?<!bagi )(?<!buat )"
    r"\b(?:anak|bayi|balita|murid|siswa|siswi|budak|boy|girl)\b[^.!?\n]{0,25}?"
    r"\b(?:(?:umur|usia|berumur|berusia|yuswa|aged)\b\D{0,8}\d{1,2}\b|bernama\b|nama(?:nya)?\s*:)|"
    r"\banak\s+di\s?bawah\s+umur\b[^.!?\n]{0,40}\b(?:korban|dilecehkan|dicabuli|diperkosa)",
    re.I,
)
_YOUNG = (
    "anak",
    "adik",
    "putra",
    "putri",
    "cucu",
    "keponakan",
    "bayi",
    "balita",
    "budak",
    "my ",
    "murid",
    "siswa",
    "siswi",
    "boy",
    "girl",
)


@dataclass(frozen=True, slots=True)
class Found:
    """`span` is (begin, end) in the text as given."""

    type: str
    span: tuple[int, int]


def personal_data(text: str) -> list[Found]:
    """Everything found, in the order of the text; of overlapping findings the first
    type counts."""
    found: list[Found] = []
    taken: list[tuple[int, int]] = []
    for one in _all(text):
        if any(one.span[0] < end and begin < one.span[1] for begin, end in taken):
            continue
        if one.type not in ("child", "health"):
            taken.append(one.span)
        found.append(one)
    return sorted(found, key=lambda one: (one.span, one.type))


def types(text: str) -> list[str]:
    """The types that occur, in the order of `TYPES`."""
    present = {one.type for one in personal_data(text)}
    return [name for name in TYPES if name in present]


def mask(text: str) -> str:
    """The text with every number, plate, address and name replaced by its type in
    brackets.

    Health and children are told by whole sentences; those are for a person to rewrite
    and stay.
    """
    parts: list[str] = []
    at = 0
    for one in personal_data(text):
        if one.type in ("child", "health") or one.span[0] < at:
            continue
        parts += [text[at : one.span[0]], f"[{one.type}]"]
        at = one.span[1]
    return "".join([*parts, text[at:]])


def _all(text: str) -> Iterator[Found]:
    """Candidates, the surest forms first. A form is only looked for where a word of it
    occurs."""
    said = text.casefold()
    if _has(said, ("at)", "at]")) or _AT.search(text):
        yield from _found("email", _EMAIL, text)
    if " dot " in said:
        yield from _found("email", _EMAIL_SAID, text)
    if _has(said, ("nol", "kosong")):
        yield from _found("phone", _PHONE_SAID, text)
    digits = len(_DIGIT.findall(text))
    if digits >= _FEWEST_DIGITS:
        yield from _numbers(text, said)
    if digits:
        yield from _plates(text, said)
        for match in _HOUSE.finditer(text):
            if not _NOT_A_HOUSE.search(match[0]):
                yield Found("address", match.span())
    yield from _names(text, said)
    if _has(said, _ILL_BEGINS):
        for match in _HEALTH.finditer(text):
            if not _only_a_hospital(match[0]):
                yield Found("health", match.span())
    if _has(said, _YOUNG):
        yield from _found("child", _CHILD, text)


def _has(said: str, parts: Iterable[str]) -> bool:
    return any(part in said for part in parts)


def _found(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    return (Found(kind, match.span()) for match in pattern.finditer(text))


def _names(text: str, said: str) -> Iterator[Found]:
    patterns = [_NAME]
    patterns += [_NAME_AND_HOME] if "saya" in said else []
    patterns += [_NAME_SMALL] if "nam" in said else []
    for pattern in patterns:
        for match in pattern.finditer(text):
            if not _NOT_A_NAME.match(match[1]):
                yield Found("name", match.span(1))


def _plates(text: str, said: str) -> Iterator[Found]:
    for match in _PLATE.finditer(text):
        if match[3] not in _NOT_A_PLATE and len(match[2]) > 1:
            yield Found("plate", match.span())
    for match in _PLATE_SMALL.finditer(text):
        yield Found("plate", match.span(1))
    if _has(said, ("plat", "pol")):
        for match in _PLATE_NAMED.finditer(text):
            if match[1].split()[0].upper() not in _NOT_A_PLATE:
                yield Found("plate", match.span(1))


def _only_a_hospital(said: str) -> bool:
    return not _ILL.search(_NOT_HEALTH.sub(" ", said))


def _numbers(text: str, said: str) -> Iterator[Found]:
    for match in _CUSTOMER.finditer(text) if _has(said, _CUSTOMER_BEGINS) else ():
        number = re.sub(r"\W", "", match[1])
        if 5 <= sum(
            character.isdigit() for character in number
        ) <= 15 and not _is_phone(number):
            yield Found("customer_number", match.span(1))
    links = [
        match.span()
        for match in (_LINK.finditer(text) if _has(said, ("http", "www.")) else ())
        if not _LINK_TO_A_PERSON.search(match[0])
    ]
    for match in [*_DIGITS.finditer(text), *_GLUED.finditer(text)]:
        if not any(begin <= match.start() < end for begin, end in links):
            yield from _in_a_run(text, match)


def _in_a_run(text: str, run: re.Match[str]) -> Iterator[Found]:
    """The numbers in digits that stand together: groups are joined while they make one
    number."""
    groups = list(_GROUP.finditer(run[0]))
    at = 0
    while at < len(groups):
        for upto in range(min(len(groups), at + _MOST_GROUPS), at, -1):
            said = run[0][groups[at].start() : groups[upto - 1].end()]
            begin = run.start() + groups[at].start()
            kind = _kind_of_number(said, text, begin)
            if kind:
                yield Found(kind, (begin, begin + len(said)))
                at = upto
                break
        else:
            at += 1


def _kind_of_number(said: str, text: str, begin: int) -> str | None:
    number = re.sub(r"[^0-9]", "", said.translate(_LETTER_FOR_DIGIT))
    if sum(character.isdigit() for character in said) * 3 < len(number):
        return None
    if len(number) in (15, 16, 17) and number[0] in "123456789":
        return "kk" if _KK.search(text[max(0, begin - 40) : begin]) else "nik"
    if _PRICE.search(text[max(0, begin - 8) : begin]):
        return None
    if _is_phone(number, plus=said.startswith("+")):
        thousands = number[0] == "8" and _THOUSANDS.fullmatch(said)
        return None if thousands else "phone"
    if 8 <= len(number) <= 14 and said.isalnum() and _UTILITY.search(text):
        return "customer_number"
    return None


def _is_phone(number: str, *, plus: bool = False) -> bool:
    """Mobile numbers by form (also ones not given out); landlines and foreign ones by
    plan."""
    if number.startswith(("08", "628", "6208")) and 9 <= len(number) <= 15:
        return True
    if number.startswith("8") and 10 <= len(number) <= 12 and number[1] in "1235789":
        return True
    if not (plus or number.startswith(("0", "62"))) or not 8 <= len(number) <= 15:
        return False
    written = f"+{number}" if plus or number.startswith("62") else number
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(written, "ID"))
    except phonenumbers.NumberParseException:
        return False
