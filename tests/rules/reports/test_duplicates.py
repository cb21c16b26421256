"""Two texts laid side by side: what is joined without a person, and what never is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from reading import LEXICON

from aggregator.rules.reports import traits
from aggregator.rules.reports.agreement import Context
from aggregator.rules.reports.duplicates import Decision, decide, decide_unless_apart
from aggregator.rules.reports.traits import Traits
from aggregator.rules.text.canonical import canonical, words_key
from aggregator.twins import search
from aggregator.web.words import case as words_case

LAMP = "Lampu PJU di Jl. Pajajaran mati sudah tiga hari, gelap sekali kalau malam"
RUBBISH = "Sampah menumpuk di Gg. Kepatihan RW 4 sudah seminggu bau sampai ke rumah"


def of(text: str) -> Traits:
    return traits.traits(text, LEXICON)


def judged(a: str, b: str, context: Context | None = None) -> Decision:
    """The decision, which does not depend on which of the two came first, nor on being
    quick."""
    one = decide(of(a), of(b), context or Context())
    quick = decide_unless_apart(of(a), of(b), context or Context())
    assert quick == one or (quick is None and one.verdict == "separate")
    other = decide(of(b), of(a), context or Context())
    assert (one.verdict, {r.code for r in one.reasons}) == (
        other.verdict,
        {r.code for r in other.reasons},
    )
    return one


@pytest.mark.parametrize(
    ("first", "again"),
    [
        pytest.param(LAMP, f"RT @warga_tajur: {LAMP}", id="repost"),
        pytest.param(LAMP, f"Diteruskan: {LAMP}", id="forward"),
        pytest.param(
            LAMP, f"Fwd: {LAMP}\n\n#Bogor #InfoBogor", id="forward with hashtags"
        ),
        pytest.param(LAMP, LAMP[:58] + "…", id="cut off"),
        pytest.param(
            f"{LAMP} https://t.co/a1", f"{LAMP} https://t.co/b2", id="changed link"
        ),
        pytest.param(f"@dishub {LAMP}", f"@pemkot @wali {LAMP}", id="other handles"),
        pytest.param(
            LAMP, f"Assalamualaikum min, {LAMP} mohon bantuannya", id="greeting"
        ),
        pytest.param(LAMP, f"{LAMP} 🙏🙏😡", id="emoji"),
        pytest.param(LAMP, LAMP.replace("gelap", "gelaaaap"), id="stretched letters"),
        pytest.param(
            LAMP, LAMP.replace("sekali", "skali").replace("tiga", "tigaa"), id="typing"
        ),
        pytest.param(
            "jalan rusak parah di depan pasar anyar tolong diperbaiki",
            "jln rusak prh di dpn pasar anyar tlg diperbaiki",
            id="chat spelling",
        ),
        pytest.param(
            RUBBISH,
            RUBBISH.replace("Gg.", "gang").replace("RW 4", "rw.04"),
            id="labels",
        ),
        pytest.param(RUBBISH, RUBBISH.replace("RW 4", "RW IV"), id="roman number"),
        pytest.param(
            "Got mampet di Jl. Pajajaran dekat masjid bau sekali",
            "Got mampet di Jl. Padjadjaran dekat mesjid bau sekali",
            id="old spelling of a place",
        ),
        pytest.param(
            LAMP,
            "𝐋𝐚𝐦𝐩𝐮 𝐏𝐉𝐔 𝐝𝐢 𝐉𝐥. 𝐏𝐚𝐣𝐚𝐣𝐚𝐫𝐚𝐧 𝐦𝐚𝐭𝐢 𝐬𝐮𝐝𝐚𝐡 𝐭𝐢𝐠𝐚 𝐡𝐚𝐫𝐢, 𝐠𝐞𝐥𝐚𝐩 𝐬𝐞𝐤𝐚𝐥𝐢 𝐤𝐚𝐥𝐚𝐮 𝐦𝐚𝐥𝐚𝐦",
            id="letters of mathematics",
        ),
        pytest.param(LAMP, LAMP.replace("a", "\u0430"), id="look-alike letters"),
        pytest.param(
            "Saya Siti Aminah dari Tajur, air ledeng mati sejak hari Senin sore, bayi"
            " saya tidak mandi, tetangga terpaksa membeli air galon sampai hari ini",
            "Saya [NAMA] dari Tajur, air ledeng mati sejak hari Senin sore, bayi saya"
            " tidak mandi, tetangga terpaksa membeli air galon sampai hari ini",
            id="masked name",
        ),
        pytest.param(
            "Street light broken on Elm Street near the school since Monday",
            "street light brokn on elm street near the school since monday!!!",
            id="English",
        ),
        pytest.param(
            "Fuga de agua en la avenida Juarez esquina con Hidalgo, nadie viene",
            "RT @vecino: Fuga de agua en la avenida Juárez esquina con Hidalgo, nadie"
            " viene 😡",
            id="Spanish",
        ),
        pytest.param(
            "पाली रोड की सड़क पर तीन दिन से पानी भरा हुआ है",
            "पाली रोड की सड़क पर तीन दिन से पानी भरा हुआ है 🙏",
            id="Hindi",
        ),
        pytest.param(
            "RT Warta_Kota: PJU di Jalan Kenanga sudah lama tidak menyala",
            "PJU di jln. Kenanga sdh lama tidak menyala, mohon dinyalakan kembali",
            id="one says a little more about the same at the same place",
        ),
        pytest.param(
            "kok masih ada yang parkir dua lapis (depan RS Harapan)?",
            "kok masih aja ada yg parkir dua lapis depan RS Harapan?",
            id="a complaint put as a question",
        ),
        pytest.param(
            "人民路的路灯坏了三天，晚上很黑",
            "人民路的路灯坏了三天,晚上很黑！！",
            id="Chinese",
        ),
        pytest.param(
            "مصباح الشارع في شارع الجامعة لا يعمل منذ أيام",
            "مصباح الشارع في شارع الجامعة لا يعمل منذ أيام!!",
            id="Arabic",
        ),
    ],
)
def test_the_same_words_are_joined(first: str, again: str) -> None:
    decision = judged(first, again)
    assert decision.verdict == "join", decision.reasons
    assert decision.score >= 0.99
    assert "same_words" in {reason.code for reason in decision.reasons}


@pytest.mark.parametrize(
    ("one", "other", "because"),
    [
        pytest.param(
            LAMP, LAMP.replace("Pajajaran", "Sudirman"), "other_place", id="street"
        ),
        pytest.param(
            "Air ledeng mati di Jl Merdeka no 12 sejak kemarin malam",
            "Air ledeng mati di Jl Merdeka no 21 sejak kemarin malam",
            "other_number",
            id="house",
        ),
        pytest.param(RUBBISH, RUBBISH.replace("RW 4", "RW 5"), "other_number", id="RW"),
        pytest.param(
            "Got mampet di RT 02/05 Kelurahan Baranangsiang, airnya meluap",
            "Got mampet di RT 05/02 Kelurahan Baranangsiang, airnya meluap",
            "other_number",
            id="RT and RW swapped",
        ),
        pytest.param(
            "Banjir di perumahan Bantarjati Blok A setinggi lutut orang dewasa",
            "Banjir di perumahan Bantarjati Blok C setinggi lutut orang dewasa",
            "other_number",
            id="block",
        ),
        pytest.param(
            "Angkot 03 ngetem sembarangan di depan stasiun tiap pagi",
            "Angkot 06 ngetem sembarangan di depan stasiun tiap pagi",
            "other_number",
            id="route",
        ),
        pytest.param(
            "lampu merah simpang Tugu mati dari pagi bikin macet",
            "lampu jalan simpang Tugu mati dari pagi bikin macet",
            "other_words",
            id="traffic light or lamp",
        ),
        pytest.param(
            "Jalan berlubang di depan SDN 1 Cibogor bahaya untuk anak",
            "Jalan berlubang di depan SDN 2 Cibogor bahaya untuk anak",
            "other_number",
            id="school",
        ),
        pytest.param(
            "Pelayanan KTP di kelurahan Babakan lambat, petugas tidak ramah",
            "Pelayanan KTP di kecamatan Babakan lambat, petugas tidak ramah",
            "other_words",
            id="office",
        ),
        pytest.param(
            "Pelayanan KTP di kelurahan Babakan lambat, petugas tidak ramah",
            "Pelayanan KK di kelurahan Babakan lambat, petugas tidak ramah",
            "other_words",
            id="service",
        ),
        pytest.param(
            "Jembatan rusak dekat pasar Cilendek membahayakan warga",
            "Jembatan rusak dekat pasar Cilendek Timur membahayakan warga",
            "other_place",
            id="half of a place",
        ),
        pytest.param(
            "Kapan jalan rusak di Cimahpar dekat balai warga diperbaiki",
            "Jalan rusak di Cimahpar dekat balai warga diperbaiki",
            "question",
            id="question and complaint",
        ),
        pytest.param(
            "Lampu jalan depan rumah saya di Jl Cempaka sudah diperbaiki, terima kasih",
            "Lampu jalan depan rumah saya di Jl Cempaka tolong diperbaiki",
            "done",
            id="thanks",
        ),
        pytest.param(
            "Lampu lalu lintas di pertigaan Jambu Dua menyala merah terus",
            "Lampu lalu lintas di pertigaan Jambu Dua tidak menyala merah terus",
            "negation",
            id="negation",
        ),
        pytest.param(
            "Petugas kelurahan menolak warga yang mengurus surat pindah",
            "Warga menolak petugas kelurahan yang mengurus surat pindah",
            "other_order",
            id="swapped words",
        ),
        pytest.param(
            "Got mampet di Jl Bondongan sejak kemarin, airnya meluap ke warung",
            "Got mampet di Jl Bendungan sejak kemarin, airnya meluap ke warung",
            "other_place",
            id="a street that is spelt nearly like another",
        ),
        pytest.param(
            "Power cut in Anderson Road since last night, four hours already",
            "Power cut in Andersen Road since last night, four hours already",
            "other_place",
            id="a foreign street that is spelt nearly like another",
        ),
        pytest.param(
            "Fuga de agua en la avenida Moreno desde el lunes y nadie viene",
            "Fuga de agua en la avenida Morena desde el lunes y nadie viene",
            "other_place",
            id="a name that no list knows",
        ),
        pytest.param(
            "पाली रोड की सड़क पर तीन दिन से पानी भरा हुआ है",
            "पोली रोड की सड़क पर तीन दिन से पानी भरा हुआ है",
            "other_words",
            id="names that differ in a vowel sign",
        ),
        pytest.param("min", "min", "little_text", id="min"),
        pytest.param("tolong", "tolong", "little_text", id="tolong"),
        pytest.param("up up", "up up", "little_text", id="up"),
        pytest.param("", "", "little_text", id="nothing"),
        pytest.param(
            "Basura acumulada en la calle Mayor desde hace tres semanas",
            "Basura acumulada en la calle Menor desde hace tres semanas",
            "other_words",
            id="another language",
        ),
        pytest.param(
            "Mau tanya, syarat daftar pelatihan komputer apa saja?",
            "Min syarat ikut pelatihan komputer itu apa saja?",
            "question",
            id="two people ask",
        ),
    ],
)
def test_what_tells_two_complaints_apart_is_never_joined(
    one: str, other: str, because: str
) -> None:
    decision = judged(one, other)
    assert decision.verdict != "join"
    assert because in {reason.code for reason in decision.reasons if reason.against}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            LAMP, LAMP.replace("Jl. Pajajaran", "RW 05 Kebon Kopi"), id="RW, and street"
        ),
        pytest.param(
            LAMP, LAMP.replace("Pajajaran", "Veteran"), id="the same words elsewhere"
        ),
        pytest.param(
            RUBBISH,
            "Sampah di Gg. Kepatihan RW 5 dibakar tiap malam, bau sampai ke rumah",
            id="other RW in other words",
        ),
        pytest.param(
            "Taman di Jl. Pajajaran rusak, ayunannya putus sejak lama, kasihan"
            " anak-anak",
            "Air PDAM di Jl. Pajajaran mati sejak pagi, kasihan anak-anak",
            id="another matter at the same place",
        ),
        pytest.param("😡😡😡", "😡😡😡", id="nothing said"),
    ],
)
def test_what_nobody_need_look_at_is_not_suggested(one: str, other: str) -> None:
    assert judged(one, other).verdict == "separate"


def test_what_names_another_place_is_told_apart_without_a_score() -> None:
    elsewhere = of(LAMP.replace("Pajajaran", "Veteran"))
    assert decide_unless_apart(of(LAMP), elsewhere, Context()) is None
    by_the_same = decide_unless_apart(of(LAMP), elsewhere, Context(same_author=True))
    assert by_the_same == decide(of(LAMP), elsewhere, Context(same_author=True))


def test_a_report_that_it_is_done_joins_no_complaint_at_the_same_place() -> None:
    lamp = "PJU di Jalan Kenanga tidak menyala"
    assert judged(lamp, f"{lamp} sejak lama").verdict == "join"
    assert judged(lamp, f"{lamp} sudah selesai dikerjakan").verdict != "join"
    assert judged(lamp, f"{lamp} di ujung gang").verdict != "join"
    parked = "mobil parkir di atas trotoar Jalan Kenanga"
    assert judged(parked, f"Penertiban {parked}").verdict != "join"


def test_confidential_cases_are_kept_apart_even_with_the_same_words() -> None:
    assert judged(LAMP, LAMP, Context(confidential=True)).verdict == "separate"


def test_places_typed_into_a_form_or_far_away_forbid_joining() -> None:
    assert judged(LAMP, LAMP, Context(other_spot=True)).verdict != "join"
    assert judged(LAMP, LAMP, Context(metres=900)).verdict != "join"
    assert judged(LAMP, LAMP, Context(metres=40)).verdict == "join"


def test_the_same_problem_in_other_words_is_suggested_with_reasons_to_read() -> None:
    decision = judged(
        "lampu merah di simpang Dago mati lagi, lalu lintas macet total",
        "traffic light perempatan simpang dago padam dari subuh min, semrawut",
        Context(gap=timedelta(hours=3)),
    )
    said = {reason.code: reason.value for reason in decision.reasons}
    assert decision.verdict == "suggest"
    assert said["same_kind"] == "lampu_lalu_lintas"
    assert "dago" in said["same_place"].lower()
    assert said["gap"] == "180"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Punten min, PKL numpuk lagi di pasar Kebon Pedes, warga susah lewat",
            (
                "para pedagang kaki lima Jalan Kebonpedes jualan sampai ke badan jalan,"
                " tolong ditata"
            ),
        ),
        (
            "min air pdam wilayah Tanah Sareal mati terus nih, kapan nyala",
            (
                "Sudah dua hari ledeng tidak mengalir sama sekali, kelurahan"
                " Tanahsareal, mohon dicek"
            ),
        ),
    ],
)
def test_the_same_kind_at_the_same_place_within_days_is_worth_a_look(
    one: str, other: str
) -> None:
    """Names of places are written in one word or in two."""
    lately = judged(one, other, Context(gap=timedelta(days=2)))
    assert lately.verdict == "suggest"
    assert {"same_place", "same_kind"} <= {
        r.code for r in lately.reasons if not r.against
    }
    assert "other_place" not in {r.code for r in lately.reasons}
    assert judged(one, other, Context(gap=timedelta(days=9))).verdict == "separate"
    street = one.replace("Kebon Pedes", "Kebon Kelapa").replace(
        "Tanah Sareal", "Tanah Baru"
    )
    assert judged(street, other, Context(gap=timedelta(days=2))).verdict == "separate"


def test_somebody_who_reports_the_same_matter_again_goes_on_with_it() -> None:
    first = "Lampu jalan di Gang Kenanga RT 3 mati sejak Senin, mohon diperbaiki"
    again = "min lampu jalan Gang Kenanga masih gelap juga, kapan petugasnya datang"
    own = Context(same_author=True, gap=timedelta(hours=20))
    assert judged(first, again, own).verdict == "join"
    assert judged(first, again).verdict != "join"
    elsewhere = first.replace("Kenanga", "Melati")
    assert judged(first, elsewhere, own).verdict != "join"


def test_a_canonical_text_keeps_what_tells_two_complaints_apart() -> None:
    said = canonical(
        "RT @warga: Pohon2 tumbang di Jln. A. Yani No.012 RT 02/05 😡 https://t.co/x",
        LEXICON,
    )
    assert said.words[:3] == ("pohon", "tumbang", "di")
    assert {"12", "2", "5"} <= set(said.words)
    assert said.quoted and not said.cut
    assert canonical("RT 05: got mampet", LEXICON).words[:2] == (
        "rt",
        "5",
    )  # no mark of passing on


def test_only_a_whole_text_of_some_length_has_a_key() -> None:
    assert words_key(LAMP, LEXICON) == words_key(
        f"RT @a: {LAMP.upper()} https://t.co/z", LEXICON
    )
    assert words_key(LAMP[:50] + "…", LEXICON) is None
    assert words_key("tolong min", LEXICON) is None
    assert words_key(None, LEXICON) is None


def test_traits_come_back_from_the_database_as_they_were() -> None:
    said = of(f"RT @warga: {RUBBISH}?")
    assert (
        traits.from_json(said.to_json(), LEXICON).canonical.text == said.canonical.text
    )
    assert (
        decide(traits.from_json(said.to_json(), LEXICON), of(RUBBISH)).verdict == "join"
    )


def test_reasons_are_sentences_what_speaks_for_first() -> None:
    far = judged(LAMP, LAMP, Context(metres=900))
    other_house = judged(RUBBISH, RUBBISH.replace("RW 4", "RW 5"))
    for decision, against in (
        (far, "but another place: 900 m"),
        (other_house, "but another num"),
    ):
        rows = search.as_rows(decision.reasons)
        said = words_case.why_alike(lambda sentence: sentence, rows, full=True)
        assert said[0].startswith("nearly the same words")
        assert any(sentence.startswith(against) for sentence in said)
        assert words_case.ALIKE_OTHERWISE not in said
