"""Illnesses of somebody, and children that are told of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

Span = tuple[int, int]

_OWN_PEOPLE = (
    r"(?:saya|sy|aku|abdi|kuring|ibu|bapak|bapa|emak|mama|ayah|suami|istri|isteri|"
    r"anak|adik|kakak|"
    r"nenek|kakek|mertua|bayi|tetangga|orang\s?tua|ortu|keluarga|budak|pun\s\w{1,12}|"
    r"my\s\w{1,12}|i\sam|i.m|i\shave)"
)
_ORGANS = (
    r"(?:\s(?:usus|payudara|serviks|rahim|paru|paru-paru|otak|darah|hati|ginjal|"
    r"jantung|tulang|prostat|kulit|mata|kronis|akut|"
    r"stadium\s\w{1,4}|basah|kering|berat|ringan|pinggul|panggul|kaki|tangan|b|c|"
    r"ganda|mental|ovarium|tiroid|nasofaring|lambung|empedu|koroner|bawaan|hamil|"
    r"total|sebelah|kanan|kiri)){0,3}"
)
_ILLNESS = (
    r"(?:(?:sakit|gagal|serangan|lemah|kelainan|penyakit|infeksi|radang|"
    r"bocor)\s(?:ginjal|jantung|hati|paru|paru-paru|lambung|gula|kuning|lupus|jiwa|"
    r"saraf|kronis|keras|parah|berat|"
    r"mental|menular|kelamin|tbc|usus|otak|maag|kanker|stroke?|\w{4,12}itis)|"
    r"sakit(?!\shati)|gering|udur|demam\sberdarah|demam|kanker|tumor|kista|"
    r"leuk[ei]mia|limfoma|stroke?|diabet\w{0,5}(?:\smellitus|\smelitus)?|kolesterol|"
    r"dm\stipe\s\d|"
    r"kencing\smanis|hiv(?:/aids)?|aids|tbc|tb(?:\sparu)?|tuberkulosis|tuberculosis|"
    r"hepatitis|jantung|ginjal|cuci\sdarah|hemodialisa|hamil(?:\sdengan\s\w{5,20})?|"
    r"keguguran|melahirkan|dioperasi|"
    r"dirawat|opname|gangguan\s(?:jiwa|mental|kecemasan|bipolar|penglihatan|"
    r"pendengaran)|depresi|bipolar|skizofreni\w{0,2}|epilepsi|ayan|kejang|lumpuh|"
    r"difabel|disabilitas|cacat(?:\s(?:fisik|mental))?|berkebutuhan\skhusus|"
    r"keterbelakangan\smental|kejiwaan|kecanduan\s\w{4,10}|buta|tuli|bisu|"
    r"bibir\ssumbing|sesak\sna[pf]as|muntaber|diare|eksim|herpes|cacar(?:\sair)?|"
    r"mioma|miom|endometriosis|amandel|sinusitis|sarafs?\skejepit|hnp|amputasi|"
    r"diamputasi|pendarahan|perdarahan|batuk\sdarah|flek\sparu|pasang\sring|tetanus|"
    r"halusinasi|bunuh\sdiri|trauma\s\w{5,9}|aborsi|varises|jantungan|tunawicara|"
    r"tunadaksa|tremor|vitiligo|ginjalnya|lumpuh\slayu|gizi\skurang|sakit-sakitan|"
    r"rawat\sinap|keguguran|prematur|ambeien|wasir|vertigo|migrain|maag|gerd|cerebral|"
    r"cp\sspastik|tunanetra|tunarungu|tunagrahita|tuna\s(?:netra|rungu|wicara|grahita|"
    r"daksa)|odha|odgj|autis\w{0,3}|adhd|down\s?s[yi]ndrom\w{0,2}|sindrom\w?\sdown|"
    r"speech\sdelay|cerebral\spalsy|stunting|gizi\sburuk|dbd|dhf|tifus|tipes|tifoid|"
    r"cikungunya|chikungunya|leptospirosis|malaria|campak|difteri|covid(?:-19)?|"
    r"katarak|glaukoma|hipertensi|darah\stinggi|"
    r"asma|bronkitis|pneumonia|paru-paru(?:\s\w{4,8})?|ppok|lepra|kusta|lupus|"
    r"th?alas{1,2}emia|hemofilia|anemia|demensia|alzheimer|parkinson|pikun|"
    r"patah\stulang|gegar\sotak|luka\sbakar|usus\sbuntu|hernia|batu\sginjal|"
    r"preeklampsia|baby\sblues|sifilis|gonore|raja\ssinga|"
    r"rematik|asam\surat|osteoporosis|skoliosis|prostat|hidrosefalus|meningitis|polio|"
    r"gondok|"
    r"tiroid|obesitas|kolera|rabies|"
    r"cancer|pregnant|diabetes|disabled|depressed|depression|dementia|asthma|"
    r"tuberculosis|heart\s(?:attack|disease)|kidney\sfailure|schizophrenia|"
    r"miscarriage|bipolar)" + _ORGANS
)
_ILL = re.compile(rf"\b(?:penyakit\s)?{_ILLNESS}(?!\w)", re.I)
_SUFFERS = re.compile(
    r"\b(?:menderita|mengidap|pengidap|penyintas|didiagnos[ai]s?|divonis|"
    r"terdiagnos[ai]s?|dinyatakan positif|positif|riwayat|"
    r"terkena penyakit|kena penyakit|diagnosed with|suffers? from|suffering "
    r"from)\s((?:penyakit\s)?[a-z][a-z\-]{3,20}(?:\s(?:usus|payudara|serviks|"
    r"rahim|paru|otak|darah|hati|ginjal|jantung|tulang|prostat|kulit|mata|kronis|akut|"
    r"jiwa|mental|hamil|lambung|stadium\s\w{1,4})){0,2})",
    re.I,
)
_HOSPITAL = re.compile(r"rumah\ssakit|\bibu\shamil", re.I)
_PERSON = re.compile(rf"\b{_OWN_PEOPLE}\b", re.I)
_GENERAL = re.compile(
    r"\b(?:kasus|wabah|pencegahan|bahaya|vaksin\w{0,4}|fogging|jentik|nyamuk|angka|"
    r"sosialisasi|edukasi|program|penderita|poli|obat|alat|ramah|"
    r"kursi|akses|toilet|jalur|guiding|dokter|spesialis|penyuluhan|risiko|rawan|"
    r"jumlah|bebas|cegah|awas|seputar|tentang|layanan|klinik|komunitas|hari|"
    r"warga(?:\s\w{3,6}){0,3})\s$",
    re.I,
)
_BEGINS = (
    *{word[:4] for word in re.findall(r"(?<=[(|:])[a-z]{3,}", _ILLNESS)},
    *(
        "derita",
        "idap",
        "nyintas",
        "diagnos",
        "divonis",
        "positif",
        "riwayat",
        "suffer",
    ),
)
"""Without one of these nothing of the patterns above can be there."""
_EPIDEMIC = re.compile(
    r"\b(?:kasus|wabah|pencegahan|bahaya|vaksin\w{0,4}|fogging|jentik|nyamuk|angka|"
    r"sosialisasi|edukasi|poli|penyuluhan|cegah|warga(?:\s\w{3,6}){0,3})\s$",
    re.I,
)
_END = re.compile(r"[.!?\n]")
_NEAR_BEFORE = 60
_NEAR_AFTER = 30
_BESIDE_A_NAME = 90
_OWN_SUFFERER = re.compile(
    r"\b(?:saya|sy|aku|dia|beliau|seorang)\s(?:adalah\s)?penderita\s$", re.I
)

_OWN_CHILD = (
    r"\b(?:(?:anak|adik|putra|putri|cucu|keponakan|bayi|balita)\s?"
    r"(?:saya|sy|kami|nya|ku|perempuan|laki\S{0,6}|pertama|kedua|ketiga|abdi)\b|"
    r"anaknya\b|anakku\b|"
    r"budak\sabdi\b|my\s(?:son|daughter|child|kid)\b)"
)
_CHILD = re.compile(
    rf"{_OWN_CHILD}[^.!?\n]{{0,45}}?"
    r"(?:\b(?:umur|usia|berumur|berusia|yuswa|aged?)\b\D{0,8}\d{1,2}|"
    r"\b\d{1,2}\s?(?:th|thn|tahun|taun|bln|bulan|years?\sold)\b|\bkelas\s(?:\d|"
    r"[ivx]{1,4}\b)|"
    r"\bnama(?:nya)?\b|\bbernama\b|\bdi\s(?:sd|smp|tk|paud)n?\b|"
    rf"\b{_ILLNESS}\b)|"
    r"\bmy\s(?:\d{1,2}|\w{2,12})[\s-]{1,2}year[\s-]{1,2}old\b|"
    r"\b(?:bayi|balita)\s\d{1,2}\s?(?:th|thn|tahun|taun|bln|bulan)\b(?=[^.!?\n]{0,30}"
    rf"\b(?:{_ILLNESS}|korban|hilang|butuh))|"
    r"(?<!untuk )(?<!bagi )(?<!buat )"
    r"\b(?:anak|bayi|balita|murid|siswa|siswi|budak|boy|girl)\b[^.!?\n]{0,25}?"
    r"\b(?:(?:umur|usia|berumur|berusia|yuswa|aged)\b\D{0,8}\d{1,2}\b(?!\s?(?:-|–|"
    r"sampai|s/d|hingga))|bernama\b|nama(?:nya)?\s?:)|"
    r"\banak\sdi\s?bawah\sumur\b[^.!?\n]{0,40}\b(?:korban|dilecehkan|dicabuli|"
    r"diperkosa)",
    re.I,
)
_YOUNG = re.compile(
    r"\b(?:anak|adik|putra|putri|cucu|keponakan|bayi|balita|budak|murangkalih|my |"
    r"murid|siswa|siswi|pelajar|boy|girl|didik|santri|son|daughter|child|kid)",
    re.I,
)
_RELATION = re.compile(
    r"\b(?P<child>anak(?!\sbuah)(?:ku|nya)?|putr[ai](?!\s[A-Z])|cucu(?:ku|nya)?|"
    r"keponakan|bayi|balita|murangkalih|budak|siswa|siswi|murid|pelajar|"
    r"peserta\sdidik|santri|"
    r"adik(?:ku|nya)?|son|daughter|child|kid|nisn|ayah\sdari|ibu\sdari|"
    r"orang\stua\sdari|wali\sdari|wali\smurid\sdari)\b|"
    r"\b(?P<adult>ayah(?:nya)?|ibu(?:nya|\skandung)?|bapak(?:nya)?|bapa|mama|mamah|"
    r"papa|orang\s?tua|ortu|wali|kepala\skeluarga|pelapor|pemohon|suami|istri|saya|sy|"
    r"guru|bu|pak|"
    r"kepsek|kakak|nenek|kakek|a\.?n|kontak|nama\sibu|nama\sayah|sopir|satpam|"
    r"tetangga|ttd|hormat|salam|regards|mother|father|i'm|my\sname)\b",
    re.I,
)
_POSSESSED = re.compile(
    r"\s(?:saya|sy|kami|aku|abdi|gue|gw|dari|kandung)\b|\skami\b", re.I
)
_CHILD_AFTER = re.compile(
    r"[\s,.(\-:;]{0,3}(?:nisn|kelas\s\w|siswa|siswi|murid|(?:umur|usia)?\s?(?:[1-9]|"
    r"1[0-7])\s?(?:th|thn|tahun|bulan|bln)\b)",
    re.I,
)
_GROWN = re.compile(
    r"\b(?:kerja|bekerja|istri|suami|menikah|korban banjir|kuliah|melamar)\b", re.I
)


def illnesses_in(text: str, named: Sequence[Span]) -> Iterator[tuple[Span, bool]]:
    """Illnesses of somebody, and whether that is somebody with a name."""
    said = text.casefold()
    if not any(begin in said for begin in _BEGINS):
        return
    hospitals = [match.span() for match in _HOSPITAL.finditer(text)]
    for pattern in (_SUFFERS, _ILL):
        for match in pattern.finditer(text):
            begin, end = match.span(match.lastindex or 0)
            if any(begin < last and first < end for first, last in hospitals):
                continue
            beside = _is_beside(begin, end, named)
            if beside or _is_somebodys(text, begin, end, suffers=pattern is _SUFFERS):
                before = text[max(0, begin - 40) : begin]
                general = _EPIDEMIC if beside else _GENERAL
                if not general.search(before) or _OWN_SUFFERER.search(before):
                    yield (begin, end), beside


def _is_beside(begin: int, end: int, named: Sequence[Span]) -> bool:
    return any(
        begin - _BESIDE_A_NAME <= name[0] < begin
        or end <= name[0] < end + _BESIDE_A_NAME
        for name in named
    )


def _is_somebodys(text: str, begin: int, end: int, *, suffers: bool) -> bool:
    if suffers:
        around = text[max(0, begin - _BESIDE_A_NAME) : end + _BESIDE_A_NAME]
        return _PERSON.search(around) is not None
    left = _END.split(text[max(0, begin - _NEAR_BEFORE) : begin])[-1]
    right = _END.split(text[end : end + _NEAR_AFTER])[0]
    return bool(_PERSON.search(left) or _PERSON.search(right))


def children_in(text: str, named: Sequence[Span]) -> list[Span]:
    """The names that are children's, then what else tells of a child."""
    if not _YOUNG.search(text) and "nisn" not in text.casefold():
        return []
    found = [span for span in named if _is_a_childs(text, span)]
    return found + [match.span() for match in _CHILD.finditer(text)]


def _is_a_childs(text: str, span: Span) -> bool:
    if _CHILD_AFTER.match(text, span[1]):
        return True
    if text[slice(*span)].casefold().startswith("ananda "):
        return True
    before = text[max(0, span[0] - 60) : span[0]]
    last, end = "", 0
    for match in _RELATION.finditer(before):
        owned = last == "child" and match["adult"] and match.start() - end <= 1
        last = last if owned else "child" if match["child"] else "adult"
        end = match.end()
    return last == "child"
