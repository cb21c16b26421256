"""Names of people, told from places, offices and their heads.

A run of words with capitals is weighed: what stands before it ("a.n.", "saya", "Pak"),
after it ("NIK", "lahir"), whether its words are parts of names, and whether it signs.
Who is named for their office ("Lurah ...") is public and no finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.rules.text.pii.found import People

Span = tuple[int, int]

_TITLE = (
    r"(?:pak|bu|ibu|bapak|bpk|sdr|sdri|saudara|saudari|tn|ny|tuan|nyonya|mbak|mba|mas|"
    r"kang|teh|teteh|ceu|mang|"
    r"bang|abang|kak|aa|mak|emak|abah|oma|opa|engkong|ki|nyi|si|ust|ustadz|ustaz|"
    r"ustad|ustadzah|kyai|kiai|kh|haji|"
    r"hajah|hj|h|dr|drg|drs|dra|ir|prof|alm|almh|almarhum|almarhumah|rd|raden|r|m|st|"
    r"mr|mrs|ms|miss|om|"
    r"tante|nek|kek|bunda|bp|encik|koh|cici|ci|ko|ncek|uwa|bi|bibi|paman|eyang|mbah|"
    r"pdt|romo|pastor|suster|bidan|nenek|kakek|mbok|wak|uwak|lek|pakde|bude|paklik|"
    r"bulik)"
)
_TITLES = re.compile(rf"{_TITLE}\.?", re.I)
_WORD = re.compile(r"[^\W\d_][\w'’]{0,40}\.?")
_PARTICLES = frozenset(
    ("bin", "binti", "van", "der", "de", "al", "el", "da", "von", "ibn")
)
_DEGREE = re.compile(
    r",\s?(?:[SMADP]\.?\s?[A-Z][A-Za-z]{0,4}\.?(?:[A-Z][a-z]{0,3}\.?)?|Ph\.?D|"
    r"Sp\.[A-Z]\w{0,2}|SH|SE|MM|MH|ST|MT|Amd\.?\w{0,4})\.?(?![a-z])"
)
_MOST_WORDS = 6

_STRONG = re.compile(
    r"(?:\bnama(?:\s(?:saya|sy|ku|lengkap|pemohon|pelapor|ibu(?:\skandung)?|ayah|"
    r"bapak|anak|siswa|siswi|orang\stua|pemilik|"
    r"nenek|kakek|istri|suami|pasien|korban|almarhum|beliau|asli|panggilan|sesuai ktp|"
    r"di ktp|nya))?(?:\s(?:adalah|ialah|yaitu))?|\bnamanya|\bnami(?:na)?(?:\s(?:abdi|"
    r"kuring))?|"
    r"\bbernama|\batas\snama|\ba[./]?\s?n\.?|\bqq|\bmy\sname(?:\sis|'s)?|\bname\sis|"
    r"\bname|\bnamed|\bcalled|"
    r"\b(?:pelapor|pemohon|pengirim|pengadu|korban|pasien|penerima|pemilik|pemiliknya|"
    r"bendahara|ketua\s(?:rt|rw|dkm|karang\staruna)|"
    r"kepala\skeluarga|penanggung\sjawab|wajib\spajak|peserta|pendaftar|pegawai|"
    r"pelaku|pelakunya|sopir|supir|sopirnya|satpam|tersangka|saksi|"
    r"warga|warga kami|ahli\swaris|pewaris|penyewa|kontak|kontak\sdarurat|up|u\.p|cp|"
    r"wali\skelas|wali\smurid|orang\stua|ortu|"
    r"ayahnya|ibunya|bapaknya|suaminya|istrinya|anaknya|kakaknya|adiknya|"
    r"yang\sbersangkutan|ybs|jamaah|calon\sjamaah|"
    r"guru|guru\s\w{2,8}|dosen|perawat|kader|petugas|tukang\sparkir|juru\sparkir|"
    r"penjual|penghuni|janda|duda|anggota|siswa|siswi|murid|mahasiswa|mahasiswi|"
    r"peserta\sdidik|punya|milik)|"
    r"\bperkenalkan,?(?:\s(?:saya|sy|aku|nama\ssaya))?|\b(?:saya|sy|aku|abdi|kuring|"
    r"gue|gw|kami|ini|ieu|i'm|i\sam|this\sis|dengan)|"
    r"\b(?:suami|istri|isteri|ibu|bapak|bapa|ayah|papa|mama|mamah|emak|anak|adik|ade|"
    r"kakak|nenek|kakek|mertua|"
    r"paman|tante|bibi|keponakan|cucu|sepupu|tetangga|teman|sahabat|putra|putri|maid|"
    r"wife|husband|son|daughter|mother|father|"
    r"brother|sister|neighbou?r|landlord|friend|boss|bos|majikan|art|pembantu|bayi|"
    r"balita|keluarga)(?:\s(?:saya|sy|kami|ku|aku|abdi|gue|gw|mertua|kandung|angkat|"
    r"tiri|nya|kecil|ipar))?|"
    r"\bbertanda\stangan(?:\sdi\s?bawah\sini)?|\bttd|\btertanda|\bhormat\s(?:saya|"
    r"kami)|\bsalam(?:\shormat|\swarga)?|\b(?:best\s|kind\s|warm\s)?regards|"
    r"\bsincerely|\bterima\skasih|\bterimakasih|\bmakasih|\bnuhun|\bthanks|\bthank "
    r"you|\bwassalam\w{0,12})"
    r"\s?[:=,.\-–—;(\"']{0,3}\s{0,3}$",
    re.I,
)
_KIN = re.compile(
    r"\b(?:suami|istri|isteri|anak|ibu|bapak|ayah|kakak|adik|nenek|kakek|mertua|paman|"
    r"tante|bibi|keponakan|cucu|sepupu|tetangga|teman|pembantu|putra|putri|"
    r"ketua\s?rt|pak\srt|bu\srt)"
    r"(?:\s(?:saya|sy|kami|ku|aku|abdi|gue|gw|kandung|mertua)(?:\s?[,(]\s?|\s)|"
    r"(?:nya|ku)?\s?[,(]\s?)$",
    re.I,
)
_WEAK = re.compile(r"\b(?:kepada|untuk|buat|dari|oleh|antara|bareng|bersama)\s$", re.I)
_SOMEWHERE = re.compile(
    r"\b(?:di|ke|sepanjang|arah|menuju|lewat|sekitar|sekitaran|depan|belakang|dekat|"
    r"seberang|samping|daerah|wilayah|lingkungan|sampai|hingga|simpang)\s$",
    re.I,
)
_APPOSED = re.compile(r"[\w)],\s$")
_NAMED = re.compile(
    r"(?:\bnama(?:\s(?:saya|sy|lengkap|pemohon|pelapor|siswa|siswi|anak|"
    r"ibu(?:\skandung)?|ayah(?:\skandung)?|asli saya|pasien|pemilik|korban))?|"
    r"\bnamanya|\bnamina|\bnami(?:\sabdi)?|\bbernama|\batas\snama|\ba[./]?n\.?|"
    r"\bmy\sname\sis|\bnamed|\bpelapor|\bpemohon|\bpengirim)\s?[:=]?\s{0,3}$",
    re.I,
)
_SIGNS = re.compile(
    r"(?:^|[\n.!?)]\s{0,2}|[—–\-~]{1,2}\s?|\s-\s|[🙏😊]\s?|(?<=[a-z0-9]),\s)$"
)
_AFTER = re.compile(
    r"\s{0,2}[,;:.(\-–—/]{0,2}\s{0,2}(?:\(?\s?(?:nik|nip|nisn|kk|no\.?\s?kk|ktp|npwp|"
    r"bpjs|hp|no\.?\s?hp|telp|tlp|wa|w\.a|cp|phone|"
    r"lahir|ttl|tgl|tanggal\slahir|umur|usia|\d{1,2}\s?(?:th|thn|tahun|bln|bulan)|"
    r"email|e-mail|rt\b|"
    r"alamat|warga|beralamat|tinggal|domisili|ktp|sim|paspor|passport|rekening|rek|"
    r"selaku|pemilik|"
    r"(?:\+62|62|0)8\d|32\d{4}|[\w.]{2,30}@))",
    re.I,
)
_HIGH_OFFICE = (
    r"(?:wali\s?kota|walikota|wawali|wawalkot|walkot|wakil\s(?:wali|bupati|gubernur|"
    r"presiden|"
    r"ketua)|gubernur|bupati|camat|lurah|kepala\s(?!keluarga|rumah|"
    r"desa\ssaya)[a-z]{2,20}|"
    r"kepsek|kadis\w{0,10}|kaban\w{0,6}|kabid\w{0,6}|kabag\w{0,6}|kasi|kasubag|"
    r"kasat\w{0,6}|kakan\w{0,6}|sekda|sekcam|seklur|sekretaris\s(?:daerah|dinas|camat|"
    r"kecamatan|kelurahan|kota|dprd)|sekdis|ketua\s(?:umum|dprd|dpr|mpr|kpu|bawaslu|"
    r"komisi|"
    r"fraksi|tp\spkk|pkk|kadin|pmi|baznas|mui|koni|panitia|pengadilan)|menteri|"
    r"presiden|"
    r"wapres|dirjen|direktur|dirut|kapolres\w{0,5}|kapolsek|kapolda|kapolri|"
    r"kasatlantas|"
    r"dandim|danramil|danrem|komandan|anggota\s(?:dprd|dpr|dewan)|dewan|rektor|jubir|"
    r"humas|"
    r"juru\sbicara|kajari|mayor|governor|minister|president|pj|plt|plh|pahlawan|"
    r"jenderal|"
    r"patung|monumen|caleg|capres|cawalkot|paslon|narasumber|penyanyi|artis|pelatih|"
    r"striker|"
    r"bung|kyai\skondang|moderator|pemateri|pembawa\sacara|mc)"
)
_OFFICE = re.compile(rf"\b{_HIGH_OFFICE}\b", re.I)
_OFFICE_AFTER = re.compile(
    r"(?:,\s?[A-Z][\w.]{1,8}){0,2},?\s{0,2}[,(\-–]?\s?(?:selaku\s|sebagai\s|yang "
    r"menjabat\s)?"
    rf"{_HIGH_OFFICE}\b",
    re.I,
)
_ROLE_ONLY = frozenset(
    [
        "camat",
        "lurah",
        "wali",
        "walikota",
        "rt",
        "rw",
        "kades",
        "kadis",
        "kepala",
        "ketua",
        "presiden",
        "gubernur",
        "bupati",
        "polisi",
        "dokter",
        "guru",
        "dan",
        "di",
        "yang",
        "yth",
        "hamil",
        "rumah",
        "saya",
        "kami",
        "pkk",
        "dosen",
        "satpam",
        "hansip",
        "haji",
        "admin",
        "min",
        "warga",
        "dewan",
        "menteri",
        "sekda",
        "kapolres",
        "kapolsek",
        "jokowi",
        "prabowo",
    ]
)
_PLACE = re.compile(
    r"\b(?:kapten|jenderal|kolonel|letjen|mayjen|pangeran|simpang|underpass|tunnel|jl|"
    r"jln|jalan|gg|gang|kp|kampung|kel|kelurahan|kec|kecamatan|desa|dusun|perum|"
    r"perumahan|komp|komplek|kompleks|"
    r"cluster|griya|villa|blok|situ|taman|pasar|stasiun|terminal|masjid|mesjid|musala|"
    r"mushola|musholla|rs|rsud|rsia|sd|sdn|smp|smpn|sma|sman|smk|smkn|tk|paud|"
    r"puskesmas|posyandu|mall|mal|hotel|toko|pt|cv|bank|kota|kab|kabupaten|kali|"
    r"sungai|curug|tugu|simpang|jembatan|lapangan|"
    r"gedung|gereja|vihara|klenteng|universitas|kebun|tpu|tps|tpa|spbu|klinik|apotek|"
    r"warung|rm|resto|kafe|cafe|bengkel|gor|stadion|"
    r"street|road|mount|gunung|halte|trans|dinas|badan|kantor|partai|yayasan|"
    r"pesantren|ponpes|panti|sanggar|merk|merek|"
    r"koridor|perempatan|pertigaan|bundaran|flyover|underpass|tanah|kebon|bukit|"
    r"pondok|graha|museum|plaza|aula|ruang|gerai|rute|arah|jurusan|nusa|mobil|motor|"
    r"truk|bis|bus|hari|bulan|tugu|penerbit|program|aplikasi|kartu|layanan|acara|"
    r"festival|lomba|turnamen|koperasi|ktna|ormas|komunitas|forum|tim|grup|group|"
    r"channel|akun|harga|menu|asrama|stan|lampu|sirkuit|situs|web|website|kapal|"
    r"kereta|universitas|institut|politeknik|kode|model|tipe|type|seri|"
    r"versi)\.?\s(?:(?:[A-Z]\.\s?){1,3})?$",
    re.I,
)


_STREET = re.compile(
    r"\b(?:jl|jln|jalan|gg|gang|kp|kampung|kel|kelurahan|kec|kecamatan|masjid|mesjid|"
    r"musala|mushola|musholla|taman|situ|rs|rsud|gedung|"
    r"universitas|stadion|gor|tugu|patung|street|kapten|jenderal|kolonel|letjen|"
    r"mayjen|pangeran)\.?\s(?:(?:[A-Z]\.\s?){1,3})?$",
    re.I,
)
_SELF = re.compile(
    r"\b(?:saya|sy|aku|abdi|kuring|gue|gw|perkenalkan|i'm|i\sam|nama|namaku|bernama|"
    r"namanya|namina)\s$",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    begin: int
    end: int

    @property
    def low(self) -> str:
        return self.text.rstrip(".").casefold()


def names_in(text: str, people: People) -> Iterator[Span]:
    """`text` is a plain one."""
    loud = _is_loud(text)
    for run in _runs(text, people):
        span = _weighed(text, run, people, loud=loud)
        if span:
            yield span
    yield from _small(text, people)


def _is_loud(text: str) -> bool:
    """Whether most words are written large, so that capitals say nothing."""
    first = [match[0][0] for match in _WORD.finditer(text) if len(match[0]) > 3]
    return len(first) > 3 and sum(sign.isupper() for sign in first) > 0.8 * len(first)


def _runs(text: str, people: People) -> Iterator[list[_Word]]:
    """Words with capitals that stand together, without those that name nobody."""
    run: list[_Word] = []
    for match in _WORD.finditer(text):
        word = _Word(match[0], *match.span())
        if text[word.begin - 1 : word.begin].isdigit():
            word = _Word("", word.begin, word.end)
        joined = run and text[run[-1].end : word.begin] in (" ", "  ")
        if run and (
            not joined or (run[-1].text.endswith(".") and not _may_go_on(run[-1]))
        ):
            yield from _given_up(run)
            run = []
        if _may_name(word, people) or (run and joined and word.low in _PARTICLES):
            run.append(word)
        else:
            yield from _given_up(run)
            run = []
    yield from _given_up(run)


def _given_up(run: list[_Word]) -> Iterator[list[_Word]]:
    while run and run[-1].low in _PARTICLES:
        run = run[:-1]
    if run:
        yield run


def _may_go_on(word: _Word) -> bool:
    """A dot after a title or a letter ends no sentence."""
    return len(word.text) <= 4 or _TITLES.fullmatch(word.text) is not None


def _may_name(word: _Word, people: People) -> bool:
    if not word.text[:1].isupper():
        return False
    if _TITLES.fullmatch(word.text):
        return True
    if len(word.text.rstrip(".")) == 1:
        return True
    return word.low not in people.not_people or word.low in people.given


def _known(word: _Word, people: People) -> bool:
    """A part of a name, by the list or by its ending."""
    low = word.low
    return low in people.given or (
        len(low) >= 6
        and low not in people.not_people
        and low.endswith(tuple(people.endings))
    )


def _weight(word: _Word, people: People) -> float:
    """What a word counts as a part of a name: less where it is an everyday word too."""
    if not _known(word, people):
        return 0.0
    return 0.8 if word.low in _EVERYDAY else 2.0


def _weighed(text: str, run: list[_Word], people: People, *, loud: bool) -> Span | None:
    """The span of the name in a run of words, if it is one."""
    words = list(run)
    titled = False
    while words and _TITLES.fullmatch(words[0].text):
        if words[0].low in people.given and len(words) == 1:
            break
        titled = titled or len(words[0].low) > 1
        words.pop(0)
    words = words[:_MOST_WORDS]
    if not words or all(len(word.low) < 2 for word in words):
        return None
    begin, end = words[0].begin, words[-1].end
    first = run[0].begin
    before = text[max(0, first - 50) : first]
    called = bool(_CALLED.search(text[max(0, words[0].begin - 12) : words[0].begin]))
    places = _STREET if called else _PLACE
    if places.search(before) or _is_an_officer(text, first, end):
        return None
    lowtitle = re.search(rf"\b{_TITLE}\.?\s$", before, re.I)
    titled = titled or bool(lowtitle)
    if words[0].low in _ROLE_ONLY:
        return None
    known = sum(_weight(word, people) for word in words)
    strong = bool(_STRONG.search(before))
    named = bool(_NAMED.search(before))
    after = bool(_AFTER.match(text, end))
    signs = bool(_SIGNS.search(before)) and _closes(text, end)
    shouted = all(word.text.isupper() for word in words)
    if shouted and not known and not named:
        return None
    likely = len(words) > 1 or known > 0
    apposed = _APPOSED.search(before) and text[end : end + 1] == ","
    score = (
        min(known, 4.0)
        + (0.6 if len(words) > 1 else 0)
        + (2.5 if named else 0)
        + (
            2.5
            if _SELF.search(before) and not loud
            else 2.0
            if strong and likely
            else 0
        )
        + (2.5 if _KIN.search(before) and not (likely or loud or shouted) else 0)
        + (0.8 if _WEAK.search(before) else 0)
        + (2.5 if called and not loud else 1.8 if titled else 0)
        + (2.0 if after and likely else 0)
        + (2.0 if signs and likely else 0)
        + (0.8 if apposed else 0)
        - (0.8 if not before.strip() and not titled else 0)
        - (2.4 if _SOMEWHERE.search(before) and not titled else 0)
        - (1.0 if loud and not (known or named) else 0)
    )
    if score < _ENOUGH:
        return None
    if words[-1].text.endswith(".") and len(words[-1].low) > 2:
        end -= 1
    for _ in range(3):
        degree = _DEGREE.match(text, end)
        if not degree:
            break
        end = degree.end()
    return (_with_title(text, begin, run, words), end)


_ENOUGH = 2.5
_CALLED = re.compile(
    r"\b(?:pak|bu|ibu|bapak|bpk|sdr|sdri|tn|ny|mbak|mba|mas|kang|teh|ceu|mang|bang|"
    r"ustadz|ust|hj|abah|mak|mr|mrs|drg|kh|mbok|mbah|paman|bibi|nenek|kakek|pakde|"
    r"bude|wak|om|tante|bunda|aki|nini)\.?\s$",
    re.I,
)


def _with_title(text: str, begin: int, run: list[_Word], words: list[_Word]) -> int:
    return run[0].begin if run[0] is not words[0] else begin


def _closes(text: str, end: int) -> bool:
    """Whether nothing but a mark, a line or a number follows."""
    return bool(
        re.match(
            r"[.!)]?\s{0,3}(?:$|\n|[,.]?\s?(?:NI[KP]|0\d|\+62|\())",
            text[end : end + 12],
        )
    )


def _is_an_officer(text: str, begin: int, end: int) -> bool:
    before = re.split(r"[!?\n]|\w{3}\.\s", text[max(0, begin - 45) : begin])[-1]
    offices = list(_OFFICE.finditer(before))
    if offices:
        between = before[offices[-1].end() :]
        if not re.search(
            r"\b(?:saya|sy|kami|nama|a\.?n|tolong|mohon|oleh|dari|hp|nik|pelapor|yang|"
            r"dan|minta|untuk|kepada|ini|ada|dengan|bahwa|kalau|tapi)\b|[;:]",
            between,
            re.I,
        ) and not re.search(r"^\s?(?:rt|rw)\b", between, re.I):
            return True
    return _OFFICE_AFTER.match(text, end) is not None


_SMALL_BEFORE = re.compile(
    r"\b(?i:nama\s(?:saya|sy|ku|pelapor|pemohon|anak|siswa|ibu|bapak)|namaku|"
    r"atas\snama|a\.?n\.?|bernama|namanya|my\sname\sis|nami\sabdi|namina|"
    r"pelapor|pemohon|nama)[\s:=]{1,3}(?i:(?:adalah|pak|bu|ibu|bapak|sdr|"
    r"sdri)\.?\s)?([a-z]{3,20})((?:\s[a-z]{3,20}){0,3})"
)
_SMALL_TITLED = re.compile(
    r"\b(?P<title>(?i:pak|bu|ibu|bapak|bpk|bapa|sdr|sdri|mbak|mas|kang|teh|ceu|mang|"
    r"bang|om|tante|mak|abah|suami|istri|anak|adik|kakak|ayah))"
    r"\.?,?\s(?:saya\s|sy\s|kami\s)?([a-z]{3,20})((?:\s[a-z]{3,20}){0,2})|"
    r"\b(?i:saya|sy|aku|ini|salam|hormat saya|tertanda|ttd|makasih|nuhun|terima kasih|"
    r"trims|thanks)[.,:]?\s{1,2}([a-z]{3,20})((?:\s[a-z]{3,20}){0,2})"
)
_NEVER_SMALL = frozenset(
    [
        "hari",
        "aman",
        "bagus",
        "tata",
        "indah",
        "jaya",
        "mega",
        "raya",
        "untung",
        "permata",
        "karya",
        "satya",
        "surya",
        "adi",
        "aji",
        "ade",
        "cucu",
        "ari",
        "tan",
        "lim",
        "made",
        "mimi",
        "kiki",
        "ganda",
        "asri",
        "barokah",
        "hikmah",
        "titi",
        "fajar",
        "restu",
        "puji",
        "suci",
        "amin",
        "sabar",
        "bahri",
        "maya",
        "mukti",
        "murni",
        "lestari",
        "murah",
        "sekar",
        "cut",
        "ong",
        "gede",
        "isti",
        "utami",
        "putra",
        "mulya",
        "berkah",
        "nana",
    ]
)


_OWN_NAME = re.compile(
    r"nama\s(?:saya|sy|ku)|my\sname\sis|nami\sabdi|atas\snama|a\.?n\.|bernama", re.I
)
_NOT_A_NAME = re.compile(
    r"(?:ketau|ketahu|tidak|ga|gak|jangan|di|ada|sudah|belum|warga|saya|orang|yang|"
    r"sya|gimana|gmn|aja|balik|nya|untuk|akan|"
    r"takut|mohon|tolong|masih|kok|dan|kalau|kalo|jadi|ikut|masuk|terdaftar|pribadi|"
    r"perusahaan|"
    r"jalan|tempat|juga|apa|siapa|sama|beda|salah|ter\w+|ke\w+|di\w+|ber\w+|men\w+|"
    r"pemilik|almarhum\w{0,3}|suami|"
    r"istri|ibu|bapak|anak|wajib|toko|pt|cv|yayasan|kami|dia|itu|ini|lain|lengkap|"
    r"pelapor|hilang|ganda|kosong)\b",
    re.I,
)


def _small(text: str, people: People) -> Iterator[Span]:
    """Names written without capitals, after a word that brings one."""
    for match in _SMALL_BEFORE.finditer(text):
        word = match[1].casefold()
        if word in people.not_people or _NOT_A_NAME.match(word):
            continue
        if word in people.given or _OWN_NAME.match(match[0]):
            yield match.start(1), _small_end(match, 2, people)
    for match in _SMALL_TITLED.finditer(text):
        at = 2 if match["title"] else 4
        word = match[at].casefold()
        common = _NEVER_SMALL if match["title"] else _EVERYDAY
        if word not in people.given or word in common:
            continue
        if not _is_an_officer(text, match.start(), match.end(at)):
            yield match.start(at), _small_end(match, at + 1, people)
    yield from _small_pairs(text, people)


def _small_end(match: re.Match[str], rest: int, people: People) -> int:
    """The end of a name: with the words after it that are parts of names."""
    end = match.start(rest)
    for part in re.finditer(r"\s([a-z]{3,20})", match[rest]):
        word = part[1].casefold()
        if word not in people.given or word in _NEVER_SMALL:
            break
        end = match.start(rest) + part.end()
    return end


def _small_pairs(text: str, people: People) -> Iterator[Span]:
    """Two parts of names side by side, or one with a number after it."""
    before: re.Match[str] | None = None
    for match in re.finditer(r"(?<![^\W_])[a-z]{3,20}(?![^\W_])", text):
        if match[0] not in people.given or match[0] in _EVERYDAY:
            before = None
            continue
        if _NUMBER_AFTER.match(text, match.end()):
            yield match.span()
        if (
            before
            and before.end() + 1 == match.start()
            and not _PLACE.search(text[max(0, before.start() - 30) : before.start()])
        ):
            yield before.start(), match.end()
        before = match


_NUMBER_AFTER = re.compile(
    r"[\s,(:\-]{1,3}(?:(?:nik|hp|wa|telp|tlp|no|cp)\.?[\s:]{0,2})?(?:\+62|62|0)8\d{2}|"
    r"[\s,(:\-]{1,3}(?:nik\s)?3[1-6]\d{6}",
    re.I,
)
_EVERYDAY = frozenset(
    [
        "aman",
        "amin",
        "indah",
        "sabar",
        "mega",
        "permata",
        "bakti",
        "cahya",
        "jaya",
        "karya",
        "satya",
        "raya",
        "surya",
        "ratu",
        "putri",
        "putra",
        "adi",
        "aji",
        "ade",
        "cucu",
        "ari",
        "tan",
        "lim",
        "made",
        "sari",
        "melati",
        "mentari",
        "bagus",
        "intan",
        "budi",
        "setia",
        "murni",
        "utami",
        "lestari",
        "mulya",
        "untung",
        "slamet",
        "hari",
        "tata",
        "bintang",
        "mimi",
        "kiki",
        "bima",
        "umi",
        "mutiara",
        "perwira",
        "bahri",
        "anwar",
        "dian",
        "dewi",
        "sekar",
        "ong",
        "cut",
        "gede",
        "neng",
        "eneng",
        "isti",
        "hikmah",
        "barokah",
        "titi",
        "fajar",
        "guntur",
        "asih",
        "esti",
        "restu",
        "puji",
        "suci",
        "maya",
    ]
)
