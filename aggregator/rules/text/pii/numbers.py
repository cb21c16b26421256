"""Numbers that are somebody's: of identity, of accounts, telephones.

Digits are put together over blanks, dots, strokes and the like, also where they are
said in words. What a number is follows from the nearest word before it ("NIK", "rek",
"no resi") and, where there is none, from its form alone.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from stdnum.id import nik as _nik

_DIGIT_WORDS = {
    "nol": "0",
    "kosong": "0",
    "zero": "0",
    "satu": "1",
    "hiji": "1",
    "siji": "1",
    "one": "1",
    "dua": "2",
    "two": "2",
    "loro": "2",
    "tiga": "3",
    "tilu": "3",
    "telu": "3",
    "three": "3",
    "empat": "4",
    "opat": "4",
    "papat": "4",
    "four": "4",
    "lima": "5",
    "limo": "5",
    "five": "5",
    "enam": "6",
    "anam": "6",
    "genep": "6",
    "nem": "6",
    "six": "6",
    "tujuh": "7",
    "pitu": "7",
    "seven": "7",
    "delapan": "8",
    "lapan": "8",
    "dalapan": "8",
    "wolu": "8",
    "eight": "8",
    "sembilan": "9",
    "salapan": "9",
    "songo": "9",
    "nine": "9",
    "sepuluh": "10",
    "sebelas": "11",
}
_TENS = re.compile(r" (?:belas|puluh)\b", re.I)
_GROUP = re.compile(
    rf"(?<![^\W\d_])(?i:{'|'.join(_DIGIT_WORDS)})(?![^\W\d_])|[0-9oOlI|]+"
)
_LETTER_FOR_DIGIT = str.maketrans("oOlI|", "00111")
_LOOK_ALIKES = "oOlI|"
_JOINT = re.compile(r",|[ \t\u00a0]{0,2}[.\-_/~()|*·•+='\"]{0,2}[ \t\u00a0]{0,2}")
_ODD = re.compile(
    r"(?![,;]\s)[^\w\n]{1,3}|[ \t]?(?:strip|spasi|titik|garis|dash|dot)[ \t]?|_{1,3}",
    re.I,
)
"""Anything that stands between all parts of a number alike."""
_LOOSE = re.compile(r"[ \t]{0,2}[,;]?[ \t\n]{0,2}")
_MOST_GROUPS = 22
_MOST_DIGITS = 22
_MOST_GROUPS_OF_A_PHONE = 6
"""Of one that is no mobile's: asking the plan of numbers costs the most."""
_FEWEST_DIGITS = 7
_BEFORE = 60
_AFTER = 22

_SAYS = re.compile(
    r"(?<![^\W_])(?:"
    r"(?P<nik>nik(?:nya|ku)?|e?-?ktp(?:-?el)?(?:nya|ku)?|nomor induk kependudukan|"
    r"no(?:mor)? identitas|identity (?:card|number))|"
    r"(?P<kk>kk(?:nya|ku)?|kartu keluarga|family card)|"
    r"(?P<bpjs>bpjs(?:nya|-nya|ku)?|jkn(?:-kis)?|kis|kartu (?:indonesia )?sehat|askes|"
    r"jamsostek|kpj)|"
    r"(?P<npwp>npwp(?:nya|ku)?|nomor pokok wajib pajak|tax (?:id|number))|"
    r"(?P<nip>nip(?:nya|ku)?|nipppk|nomor induk pegawai|nrp|nuptk)|"
    r"(?P<nisn>nisn(?:nya|ku)?|nis|nis nasional|nomor induk siswa(?: nasional)?)|"
    r"(?P<sim>sim(?:nya|ku)?|surat izin mengemudi|driving licen[cs]e|driver'?s "
    r"licen[cs]e)|"
    r"(?P<account>rek(?:ening)?(?:nya|ku)?|norek(?:nya|ku)?|no\.? ?rek|account|acc|"
    r"atm|va|virtual account|tabungan|transfer(?:kan)?|ditransfer|tf|trf|"
    r"bca|bri|bni|mandiri|bjb|bsi|btn|cimb(?: niaga)?|danamon|permata|jago|jenius|"
    r"seabank|ocbc|maybank|panin|muamalat|btpn|bukopin|mega|sinarmas|uob|hsbc|blu|"
    r"neo|brimo|livin|bank)|"
    r"(?P<wallet>dana|ovo|go-?pay|shopee-?pay|linkaja)|"
    r"(?P<phone>hp|hape|handphone|no\.? ?hp|telp?o?n?|telepon|tlp|tlpn|wa|w\.a|"
    r"whats?app|"
    r"hub(?:ungi)?|kontak|contact|call|phone|mobile|ponsel|sms|telegram|cp|nomer saya|"
    r"nomor saya)|"
    r"(?P<other>tiket|ticket|laporan(?: no(?:mor)?)?|aduan|pengaduan|lapor|"
    r"tracking(?: id)?|resi|surat|sk|se|"
    r"perda|perwali|perwal|permen\w*|uu|pasal|faktur|inv|invoice|kuitansi|kwitansi|"
    r"barcode|isbn|"
    r"aset|lelang|pengumuman|antrian|antrean|koordinat|kode|registrasi|reg|perkara|"
    r"seri|serial|dispensasi|voucher|pagu|anggaran|dokumen|proposal|tiang|gardu|mesin|"
    r"rangka|booking|order|pesanan|transaksi|edaran|vonis|putusan|nota|karcis|rp|"
    r"idr|id pesanan|imei|versi|build|inventaris|sertifikat|shm|imb|pbg|nib|nop|"
    r"kontrak|"
    r"spk|tender|paket|rup|skor|nilai|senilai|harga|biaya|total|saldo|populasi|"
    r"penduduk)"
    r")(?=[\W\d_]|no\.?\d|$)",
    re.I,
)
_SIM_IS_A_CARD = re.compile(r"\bsim (?:card|keliling)\b", re.I)
_SAID_AFTER = re.compile(
    r"[\s,]{0,2}(?:\(|itu |adalah |ini |is )\s?(?:nomor |no\.? |my |the )?$", re.I
)
_ENDS_SENTENCE = re.compile(r"[!?\n]|\.\s+[A-Z]")
_PRICE = re.compile(r"(?:\brp|\bidr|\brupiah|\busd|\$)\.?\s{0,2}$", re.I)
_DAY = re.compile(
    r"(?:[0-3]?\d[./\- ][01]?\d[./\- ](?:19|20)\d\d|(?:19|"
    r"20)\d\d[./\-][01]?\d[./\-][0-3]?\d)"
)
_HOURS = re.compile(
    r"[0-2]?\d[.:][0-5]\d(?:\s?(?:[-–]|wib)|,|\s)\s?[0-2]?\d[.:][0-5]\d"
)
_POINT = re.compile(r"\d\.\d{3,8}\s?,\s?-?\d{1,3}\.\d{3}")
_UNIT = re.compile(
    r"\s?(?:rupiah|rp|jiwa|orang|juta|miliar|persen|%|meter|km|kg)\b", re.I
)
_MOBILE_FORM = re.compile(r"(?:0|62)8[1-9]\d{7,10}")
_THOUSANDS = re.compile(r"\d{1,3}(?:[.,]\d{3}){2,}")
_LINK = re.compile(
    r"(?:https?://|www\.)\S{1,300}|\b[a-z][\w.-]{0,60}\.(?:go\.)?id/\S{1,300}", re.I
)
_LINK_TO_A_PERSON = re.compile(r"wa\.me|whatsapp|tel:|telepon|phone|nik|ktp|kk=", re.I)
_NPWP_FORM = re.compile(r"\d{2}\.\d{3}\.\d{3}[.\-]\d[.\-]\d{3}[.\-]\d{3}")
_NIP_FORM = re.compile(
    r"19[4-9]\d[01]\d[0-3]\d(?:19|20)\d\d[01]\d[12]\d{3}|"
    r"20[01]\d[01]\d[0-3]\d20\d\d[01]\d[12]\d{3}"
)
_SCHOOL = re.compile(
    r"\b(?:nisn?|siswa|siswi|ppdb|spmb|murid|pelajar|dapodik|kip)\b", re.I
)
_HEALTH_CARD = re.compile(r"\b(?:bpjs|jkn|kis|pbi|faskes|puskesmas|peserta)\b", re.I)
_UTILITY = re.compile(
    r"pdam|\bpam\b|\bair\b|tirta|\bpln\b|listrik|\bcai\b|meteran|\bledeng\b", re.I
)
_PASSPORT_SAID = re.compile(r"\bpas{1,2}port?s?\w{0,3}\b", re.I)
_PASSPORT = re.compile(
    r"(?<![^\W_])[A-Z]{1,2}[ \-.]{0,2}\d(?:[ .\-]?\d){5,7}(?![ .\-]?\d|[^\W_])", re.I
)
_NO_LETTERS = frozenset(
    ("rt", "rw", "no", "wa", "hp", "kk", "cp", "km", "rp", "di", "ke")
)
_CUSTOMER = re.compile(
    r"(?:pelanggan|langganan|plggn|sambungan|id\s?pel\b|idpel|no\.?\s?pel\b|nopel|"
    r"samb\b|"
    r"no\.?\s?meter\w{0,9}|meteran|nomor\s?meter\w{0,9}|nosal|\bnpa\b|\bnsl\b|kontrak|"
    r"kontrol|rekening|customer|account)"
    r"[^\n]{0,22}?[:#.\s]\s{0,3}([0-9][0-9A-Za-z]{0,20}(?:"
    r"[ .\-–/]{1,3}[A-Za-z]{0,4}[0-9][0-9A-Za-z]{0,12}){0,4})",
    re.I,
)
_LOOSE_CUSTOMER = re.compile(r"kontr|rekening|customer|account", re.I)
_CUSTOMER_BEGINS = re.compile(
    r"pel|langganan|plggn|samb|meter|nosal|npa|nsl|kontr|rekening|customer|account",
    re.I,
)
_OFFICE = re.compile(
    r"\b(?:rs(?:ud|ia|u)?|rumah sakit|pmi|puskesmas|kantor|kecamatan|kelurahan|dinas|"
    r"satpol(?: "
    r"pp)?|polres|polsek|damkar|"
    r"bpbd|samsat|call ?cent(?:er|re)|hotline|cent(?:er|re)|posko|diskominfo|disdik|"
    r"dinkes|dinsos|dishub|disdukcapil|dukcapil|dlh|pupr|pdam|pln|tirta|imigrasi|"
    r"kejaksaan|layanan|aduan|darurat|customer service|cs|kontak resmi|mpp|perumda|"
    r"balai ?kota|pemkot|bpjs kesehatan)\b",
    re.I,
)
_PUBLIC_LINE = re.compile(
    r"\b(?:call ?cent(?:er|re)|hotline|cent(?:er|re)|posko|layanan|pengaduan|aduan|"
    r"resmi|darurat|customer service|admin dinas|admin kelurahan)\b",
    re.I,
)
_SOMEBODYS = re.compile(
    r"\b(?:saya|sy|aku|ku|kami|gue|gw|pelapor|hub(?:ungi)?|rumah kami|an|nama|pelaku|"
    r"ibu|bapak|pak|bu|suami|istri|anak|punya|milik|my|abdi)\b",
    re.I,
)
_MINE = re.compile(
    r"\b(?:(?:telp?\w{0,4}|no(?:mor)?|rumah|hp)\s(?:saya|sy|kami|rumah)|hub(?:ungi)?|"
    r"pelapor|a\.?n|nama|"
    r"pelaku|punya|milik|my)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Number:
    type: str
    begin: int
    end: int
    sure: bool = False


@dataclass(frozen=True, slots=True)
class _Group:
    digits: str
    begin: int
    end: int
    looks: int
    """Signs that only look like digits."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A number as it may be meant: its digits, and how it stands in the text."""

    digits: str
    said: str
    begin: int
    end: int
    groups: int


_SURE = frozenset(
    ("nik", "kk", "bpjs", "npwp", "nip", "nisn", "sim", "passport", "bank_account")
)


def numbers_in(text: str) -> Iterator[Number]:
    """In the order of their sureness; spans are those of `text`, a plain one."""
    reader = _Reader(text)
    customers = list(_customers(text)) if _CUSTOMER_BEGINS.search(text) else []
    yield from _passports(text)
    yield from (number for named, number in customers if named)
    yield from reader.all()
    yield from (number for named, number in customers if not named)


def _customers(text: str) -> Iterator[tuple[bool, Number]]:
    """With whether the word before each says that it is a customer's."""
    for match in _CUSTOMER.finditer(text):
        digits = re.sub(r"\D", "", match[1])
        if _THOUSANDS.fullmatch(match[1]):
            continue
        if 5 <= len(digits) <= 15 and not is_phone(digits):
            named = _LOOSE_CUSTOMER.match(match[0]) is None
            yield named, Number("customer_number", *match.span(1))


def _passports(text: str) -> Iterator[Number]:
    if not _PASSPORT_SAID.search(text):
        return
    for match in _PASSPORT.finditer(text):
        if match[0][:2].casefold() not in _NO_LETTERS:
            yield Number("passport", *match.span(), sure=True)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.words = [
            (match.end(), match.start(), match.lastgroup or "")
            for match in _SAYS.finditer(text)
        ]
        self.of_school = _SCHOOL.search(text) is not None
        self.of_utilities = _UTILITY.search(text) is not None
        self.ends = [end for end, _, _ in self.words]
        self.starts = [start for _, start, _ in self.words]

    def all(self) -> Iterator[Number]:
        links = [
            match.span()
            for match in _LINK.finditer(self.text)
            if not _LINK_TO_A_PERSON.search(match[0])
        ]
        groups = [
            group
            for group in _groups(self.text)
            if not any(begin <= group.begin < end for begin, end in links)
        ]
        at = 0
        before: Number | None = None
        while at < len(groups):
            found, upto = self._from(groups, at, before)
            if found:
                yield found
                before = found
            at = upto

    def _from(
        self, groups: list[_Group], at: int, before: Number | None
    ) -> tuple[Number | None, int]:
        """The longest number that begins with a group, and the group after it."""
        for upto in range(self._reach(groups, at), at, -1):
            part = groups[at:upto]
            begin, end = part[0].begin, part[-1].end
            digits = "".join(group.digits for group in part)
            looks = sum(group.looks for group in part)
            if not _FEWEST_DIGITS <= len(digits) <= _MOST_DIGITS:
                continue
            if looks * 3 > len(digits) * 2:
                continue
            if self.text[begin - 1 : begin] == "+":
                begin -= 1
            run = _Run(digits, self.text[begin:end], begin, end, len(part))
            kind = self._kind(run, before)
            if kind:
                return Number(kind, begin, end, kind in _SURE), upto
        return None, at + 1

    def _reach(self, groups: list[_Group], at: int) -> int:
        upto = at + 1
        while upto < min(len(groups), at + _MOST_GROUPS):
            left, right = groups[upto - 1], groups[upto]
            gap = self.text[left.end : right.begin]
            first = self.text[groups[at].end : groups[at + 1].begin]
            even = gap == first and _ODD.fullmatch(gap)
            loose = len(left.digits) < 2 and len(right.digits) < 2
            if not (even or _JOINT.fullmatch(gap) or (loose and _LOOSE.fullmatch(gap))):
                break
            upto += 1
        return upto

    def _kind(self, run: _Run, before: Number | None) -> str | None:
        if _PRICE.search(self.text[max(0, run.begin - 8) : run.begin]):
            return None
        if _POINT.search(self.text, max(0, run.begin - 4), run.end):
            return None
        if _DAY.fullmatch(run.said) or _HOURS.match(run.said):
            return None
        word = self._word_before(run.begin) or self._word_after(run.end)
        if (
            run.digits.startswith(("08", "628"))
            and word == "account"
            and (
                _MOBILE_FORM.fullmatch(run.digits)
                and run.begin - (before.end if before else -99) < _BEFORE
                and before is not None
                and before.type == "bank_account"
            )
        ):
            word = None
        if (
            word is None
            and before
            and not is_mobile(run.digits)
            and run.begin - before.end <= _BEFORE
        ):
            word = {"bank_account": "account"}.get(before.type)
        named = _named(word, run.digits)
        if named == "bank_account" and _UTILITY.search(
            self.text[max(0, run.begin - 60) : run.end + 40]
        ):
            return "customer_number"
        if named:
            return named
        return self._by_form(run, word)

    def _by_form(self, run: _Run, word: str | None) -> str | None:
        digits, said = run.digits, run.said
        if _NPWP_FORM.fullmatch(said):
            return "npwp"
        if len(digits) == 18 and _NIP_FORM.fullmatch(digits):
            return "nip"
        if word == "other" and not is_mobile(digits):
            return None
        if _THOUSANDS.fullmatch(said) and _UNIT.match(self.text, run.end):
            return None
        if len(digits) == 16 and is_nik(digits):
            return "nik"
        if len(digits) in (15, 16, 17) and word != "other" and digits[0] != "0":
            return "nik"
        if len(digits) == 13 and digits.startswith("000") and said.isdigit():
            return "bpjs"
        if len(digits) == 10 and digits.startswith("00") and self.of_school:
            return "nisn"
        planned = run.groups <= _MOST_GROUPS_OF_A_PHONE
        if (
            is_phone(digits, plus=said.startswith("+"))
            if planned
            else is_mobile(digits)
        ):
            if digits[0] == "8" and _THOUSANDS.fullmatch(said):
                return None
            return None if self._is_an_offices(run) else "phone"
        if word in ("phone", "wallet") and 9 <= len(digits) <= 14:
            return None if self._is_an_offices(run) else "phone"
        if 8 <= len(digits) <= 14 and said.isdigit() and self.of_utilities:
            return "customer_number"
        return None

    def _word_before(self, begin: int) -> str | None:
        """The nearest telling word before a number, if no sentence ends between."""
        at = bisect_right(self.ends, begin) - 1
        if at < 0 or begin - self.ends[at] > _BEFORE:
            return None
        end, start, kind = self.words[at]
        between = self.text[end:begin]
        if kind == "sim" and _SIM_IS_A_CARD.match(self.text, start):
            return None
        if kind in ("other", "phone") and (
            len(between) > 30 or _ENDS_SENTENCE.search(between)
        ):
            return self._further(at, begin) if kind == "phone" else None
        return kind

    def _further(self, at: int, begin: int) -> str | None:
        if at and begin - self.ends[at - 1] <= _BEFORE:
            kind = self.words[at - 1][2]
            return kind if kind not in ("other", "phone") else None
        return None

    def _word_after(self, end: int) -> str | None:
        at = bisect_right(self.starts, end)
        if at >= len(self.words) or self.starts[at] - end > _AFTER:
            return None
        kind = self.words[at][2]
        between = self.text[end : self.starts[at]]
        return kind if kind != "other" and _SAID_AFTER.fullmatch(between) else None

    def _is_an_offices(self, run: _Run) -> bool:
        """A line of an authority, that everybody may know."""
        before = self.text[max(0, run.begin - 60) : run.begin]
        after = self.text[run.end : run.end + 12]
        if _PUBLIC_LINE.search(after):
            return True
        pattern = _PUBLIC_LINE if is_mobile(run.digits) else _OFFICE
        offices = list(pattern.finditer(before))
        if not offices:
            return False
        mine = _SOMEBODYS if is_mobile(run.digits) else _MINE
        return not mine.search(before, offices[-1].end())


def _groups(text: str) -> list[_Group]:
    """Digits that stand together, and digits said in words."""
    found: list[_Group] = []
    for match in _GROUP.finditer(text):
        group = _group(text, match)
        if group:
            found.append(group)
    return found


def _group(text: str, match: re.Match[str]) -> _Group | None:
    said, begin, end = match[0], match.start(), match.end()
    word = _DIGIT_WORDS.get(said.casefold())
    if word:
        tens = _TENS.match(text, end)
        if tens and len(word) == 1:
            belas = tens[0].casefold().endswith("belas")
            return _Group(f"1{word}" if belas else word, begin, tens.end(), 0)
        return _Group(word, begin, end, 0)
    if text[begin - 1 : begin].isalpha():
        begin += len(said) - len(said.lstrip(_LOOK_ALIKES))
    if text[end : end + 1].isalpha():
        end -= len(said) - len(said.rstrip(_LOOK_ALIKES))
    said = text[begin:end] if begin < end else ""
    digits = said.translate(_LETTER_FOR_DIGIT)
    if not digits or (len(said) > 4 and not any(map(str.isdigit, said))):
        return None
    return _Group(digits, begin, end, sum(not sign.isdigit() for sign in said))


def is_nik(digits: str) -> bool:
    """By province and day of birth. `stdnum` knows the provinces and the calendar."""
    return bool(_nik.is_valid(digits))


def is_mobile(digits: str) -> bool:
    """By form, also numbers that were not given out."""
    if digits.startswith(("08", "628", "6208")) and 9 <= len(digits) <= 15:
        return True
    return digits.startswith("8") and 10 <= len(digits) <= 12 and digits[1] in "1235789"


def is_phone(digits: str, *, plus: bool = False) -> bool:
    """Mobile numbers by form; landlines and foreign ones by plan."""
    if is_mobile(digits):
        return True
    if not (plus or digits.startswith(("0", "62"))) or not 8 <= len(digits) <= 15:
        return False
    written = f"+{digits}" if plus or digits.startswith("62") else digits
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(written, "ID"))
    except phonenumbers.NumberParseException:
        return False


_LENGTHS = {
    "nik": ("nik", 14, 18),
    "kk": ("kk", 14, 18),
    "bpjs": ("bpjs", 11, 14),
    "npwp": ("npwp", 14, 17),
    "nip": ("nip", 8, 19),
    "nisn": ("nisn", 9, 11),
    "sim": ("sim", 11, 15),
    "account": ("bank_account", 8, 18),
}
"""How many digits a number may have after the word that names it: one may be "
"mistyped."""


def _named(word: str | None, digits: str) -> str | None:
    if word not in _LENGTHS:
        return None
    kind, least, most = _LENGTHS[word]
    if not least <= len(digits) <= most:
        return None
    if kind in ("nik", "kk") and digits[0] == "0":
        return None
    mobile = digits.startswith(("08", "62")) and is_mobile(digits)
    return None if kind != "bank_account" and mobile else kind
