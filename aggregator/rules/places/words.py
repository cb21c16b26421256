"""The words by which people say where: closed lists of Indonesian, Sundanese and
English.

Names of places are not here (config/places/), only what stands before a name, and what
ends it. All in the spelling of `places.fold`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_QUOTES = re.compile("['’`]")
_DOUBLED = re.compile(r"([^\W\d])\1+")


@lru_cache(maxsize=16384)
def fold(word: str) -> str:
    """One spelling of a word: small letters, new spelling (oe, dj, tj), no doubled
    letters."""
    plain = unicodedata.normalize("NFKC", word).casefold()
    plain = _QUOTES.sub("", plain)
    plain = plain.replace("oe", "u").replace("dj", "j").replace("tj", "c")
    return _DOUBLED.sub(r"\1", plain)


def _heads(words: dict[str, str]) -> dict[str, str]:
    return {fold(word): name for word, name in words.items()}


def _words(text: str) -> frozenset[str]:
    return frozenset(fold(word) for word in text.split())


ROAD = _words(
    "jl jln jalan jlan jaln jlm djl dijl dijln dijalan kejalan kejl kejln jlnan"
)
ALLEY = _words("gg gang gank digang digg ggang")
WARD = _heads({
    "kel": "kelurahan", "kelurahan": "kelurahan", "kelurhan": "kelurahan", "klurahan": "kelurahan",
    "lurah": "kelurahan",
    "kec": "kecamatan", "kecamatan": "kecamatan", "camat": "kecamatan", "kcmtan": "kecamatan",
    "desa": "desa", "ds": "desa",
    "kampung": "kampung", "kp": "kampung", "kampoeng": "kampung", "dusun": "dusun",
})  # fmt: skip

# What a building, ground or housing estate is called: the first word of its name.
FACILITY = _heads({
    "pasar": "pasar", "psr": "pasar", "ps": "pasar", "sd": "SD", "sdn": "SDN", "smp": "SMP",
    "smpn": "SMPN", "sma": "SMA", "sman": "SMAN", "smk": "SMK", "smkn": "SMKN", "tk": "TK",
    "mi": "MI", "mts": "MTs", "madrasah": "madrasah", "sekolah": "sekolah", "kampus": "kampus",
    "univ": "universitas", "universitas": "universitas", "pesantren": "pesantren",
    "masjid": "masjid", "mesjid": "masjid", "msjd": "masjid", "musola": "musala",
    "mushola": "musala", "musholla": "musala", "gereja": "gereja", "vihara": "vihara",
    "rs": "RS", "rsu": "RSU", "rsud": "RSUD", "rsia": "RSIA", "klinik": "klinik",
    "puskesmas": "puskesmas", "posyandu": "posyandu", "apotek": "apotek",
    "polsek": "polsek", "polres": "polres", "polresta": "polresta", "kantor": "kantor", "kntr":
    "kantor", "ktr": "kantor", "rm": "RM", "cafe": "kafe", "kafe": "kafe",
    "pom": "pom bensin",
    "gedung": "gedung", "gd": "gedung", "gdg": "gedung", "hotel": "hotel", "mall": "mal",
    "mal": "mal", "plaza": "plaza", "toko": "toko", "ruko": "ruko", "warung": "warung",
    "resto": "resto", "stasiun": "stasiun", "stasion": "stasiun", "terminal": "terminal",
    "halte": "halte", "shelter": "halte", "jembatan": "jembatan", "jpo": "JPO",
    "flyover": "flyover", "fly": "flyover", "underpass": "underpass", "taman": "taman",
    "lapangan": "lapangan",
    "lapang": "lapangan", "lap": "lapangan", "gor": "GOR", "stadion": "stadion", "tpu": "TPU",
    "makam": "makam", "tps": "TPS", "spbu": "SPBU", "bank": "bank", "indomaret": "Indomaret",
    "alfamart": "Alfamart", "alfamidi": "Alfamidi", "superindo": "Superindo",
    "perum": "perumahan", "prum": "perumahan", "perumahan": "perumahan", "perumnas": "perumnas",
    "komplek": "kompleks", "kompleks": "kompleks", "komp": "kompleks", "kom": "kompleks",
    "kompl": "kompleks", "apartemen": "apartemen", "rusun": "rusun", "rusunawa": "rusunawa",
    "cluster": "cluster", "blok": "blok", "sungai": "sungai", "kali": "kali",
    "walungan": "sungai", "situ": "situ", "bendung": "bendung", "bendungan": "bendungan",
    "tol": "tol", "gerbang": "gerbang", "tugu": "tugu", "monumen": "monumen",
    "tanjakan": "tanjakan", "turunan": "turunan", "tikungan": "tikungan", "gardu": "gardu",
    "museum": "museum", "samsat": "samsat", "koramil": "koramil", "kodim": "kodim",
    "trotoar": "trotoar", "bandara": "bandara", "asrama": "asrama", "viaduct": "viaduct",
    "terowongan": "terowongan", "pertokoan": "pertokoan",
})  # fmt: skip
# Of these every street has some: they make a place only together with a name of their
# own.
COMMON_FACILITY = _words(
    "warung toko ruko kali blok gedung kantor taman tol sekolah bank trotoar kom lap mi gd tk ps"
    " gerbang makam kp situ lapang tps"
)

JUNCTION = _heads({
    "perempatan": "perempatan", "prempatan": "perempatan", "perapatan": "perempatan",
    "prapatan": "perempatan", "parapatan": "perempatan", "per4an": "perempatan",
    "per4tan": "perempatan", "pr4tan": "perempatan", "pr4an": "perempatan", "4an": "perempatan",
    "4tan": "perempatan", "prmptan": "perempatan", "perempatn": "perempatan",
    "pertigaan": "pertigaan", "pertigan": "pertigaan", "ptigaan": "pertigaan",
    "per3an": "pertigaan", "p3an": "pertigaan", "pr3an": "pertigaan", "3an": "pertigaan",
    "simpang": "simpang", "simpangan": "simpang", "persimpangan": "simpang",
    "sp": "simpang", "simp": "simpang", "smpang": "simpang", "prmptn": "perempatan",
    "prempatn": "perempatan", "prampatan": "perempatan", "perampatan": "perempatan",
    "tl": "lampu merah", "lampu": "lampu merah", "traffic": "lampu merah", "bundaran": "bundaran",
    "bunderan": "bundaran", "stopan": "stopan",
    "setopan": "stopan", "prliman": "perlimaan", "perlimaan": "perlimaan",
})  # fmt: skip

RELATION = _heads({
    "depan": "depan", "dpn": "depan", "dpan": "depan", "didepan": "depan", "didpn": "depan",
    "hareup": "depan", "hareupeun": "depan", "payuneun": "depan",
    "belakang": "belakang", "blkg": "belakang", "blakang": "belakang",
    "tukangeun": "belakang", "dibelakang": "belakang",
    "samping": "samping", "smping": "samping", "spg": "samping", "disamping": "samping",
    "gigireun": "samping", "sebelah": "sebelah", "sblh": "sebelah", "disebelah": "sebelah",
    "seberang": "seberang", "sebrang": "seberang", "sbrang": "seberang", "peuntaseun": "seberang",
    "disebrang": "seberang", "diseberang": "seberang",
    "dekat": "dekat", "deket": "dekat", "dkt": "dekat", "dket": "dekat", "deukeut": "dekat",
    "caket": "dekat", "didekat": "dekat", "bawah": "bawah", "bwh": "bawah", "dibawah": "bawah",
    "kolong": "kolong",
    "handapeun": "bawah", "atas": "atas", "luhureun": "atas", "ujung": "ujung", "pinggir":
    "pinggir",
    "sisi": "pinggir", "sekitar": "sekitar", "sekitaran": "sekitar", "sktr": "sekitar",
    "seputaran": "sekitar", "seputar": "sekitar", "disekitar": "sekitar",
    "disekitaran": "sekitar", "sepanjang": "sepanjang", "spanjang": "sepanjang",
    "disepanjang": "sepanjang", "sapanjang": "sepanjang", "spnjang": "sepanjang",
    "near": "dekat", "behind": "belakang", "opposite": "seberang",
})  # fmt: skip
# After these come times and amounts too ("di atas jam 9"): a name must look like one.
WEAK_RELATION = _words(
    "atas bawah ujung pinggir sisi sekitar sekitaran sebelah samping"
)

AREA = _heads({
    "daerah": "daerah", "drh": "daerah", "didaerah": "daerah", "diwilayah": "wilayah",
    "dikawasan": "kawasan", "wilayah": "wilayah",
    "wil": "wilayah", "kawasan": "kawasan", "area": "kawasan", "jalur": "jalur",
})  # fmt: skip
PREPOSITION = _words(
    "di d lewat ke ka ti dari dr dri from in at from to arah menuju jurusan nuju mnj"
)
ROUTE = _heads({
    "angkot": "angkot", "angkots": "angkot", "trayek": "trayek", "angkutan": "angkot",
    "bus": "bus", "bis": "bus", "damri": "bus", "biskita": "bus", "jurusan": "jurusan",
})  # fmt: skip
# "Dari Jakarta", "ke Depok": where somebody comes from or goes to, not where something
# is.
DIRECTIONS = _words("ke ka ti dari dr dri from to arah menuju jurusan nuju mnj lewat")
OTHER_CITIES = _words(
    "jakarta bandung bekasi depok tangerang sukabumi cianjur serang tasik tasikmalaya cirebon"
    " solo surakarta semarang surabaya malang yogyakarta jogja medan palembang makassar kudus"
    " sidoarjo denpasar balikpapan samarinda banjarmasin pontianak padang pekanbaru lampung"
    " garut cimahi"
)
# After these a name follows, also one nobody wrote with a capital.
TOWARDS = _words("arah menuju jurusan nuju mnj")
# Ordinary words that begin the names of streets: "jl. Ibu Inggit", "jl. Salam".
STREET_BEGINS = _words("salam polisi ibu pa pak jakarta bandung bogor trs ters ter")
STREET_LONG_FORMS = _heads({"trs": "Terusan", "ters": "Terusan", "ter": "Terusan"})
STREET_AFTER = _words("street road avenue")

# These go on with a name that has begun, and do not begin one.
CONTINUES = _words(
    "raya utara selatan timur barat tengah dalam baru lama kaler kidul wetan kulon tonggoh"
    " girang hilir atas bawah indah permai asri regency residence city square mall plaza jaya"
    " i ii iii iv v vi vii viii ix x kecil besar pasar"
)
INITIALS = _words(
    "h hj kh ks dr ir r rd re ra ma a b c d e f g i j k l m n o p s t u w rtm ahmad letjen mayjen"
    " brigjen jend jendral jenderal kapten kapt kol kolonel mayor letkol sersan prof pangeran raden"
    " gatot moh mohamad muh muhammad haji kyai sultan dewi nyi rsu sma smp"
)

# Before the name of a person, never a name by themselves: "Jalan KH" has lost the rest
# of it.
TITLES = _words("kh hj dr ir drs prof")

# Streets of these names are in nearly every city of the country: people leave "Jalan"
# away.
STREETS_EVERYWHERE = _words(
    "alunalun supratman katamso martadinata sukarnohata sukarno diponegoro pasupati sudirman"
    " gatotsubroto gatsu gatotkaca otista soeta suta sutta juanda djuanda siliwangi pajajaran"
    " ahmadyani ayani asiaafrika dewisartika cokroaminoto imambonjol hasanudin dipatiukur"
    " wahidinhasyim yossudarso sisingamangaraja basukirahmat panjaitan sutoyo suprapto urip"
    " sultanagung sultanhasanudin teukuumar cutnyakdin wastukencana suryakencana surapati"
    " tamansari tubagusismail mohtoha mohamadtoha laswi ramdan pungkur dewi_sartika dalemkaum"
    " otoiskandardinata braga naripan soekarnohatta pelajarpejuang"
)

# What ends a name: function words, what is wrong, who is asked, when. Indonesian and
# Sundanese, with the short forms of chat.
STOP = _words(
    """
    yang yg yng yank nu anu itu itulah ini iniloh tu tuh nih ni eta ieu dan dn n and serta atau
    ato atw sama sm dengan dgn dg dngn utk untuk buat tuk bwt untk pada pd kepada kpd oleh olh
    karena krn karna krna gara sebab lantaran agar spy supaya biar bila kalau kalo klo kl klu
    kalu jika jk apabila saat ketika waktu sambil setelah stlh sesudah sebelum sblm selama
    hingga sampai sampe smpe nepi sd s d sejak dari dr dri di ke ka ti kang pak pa bapak bpk bu
    ibu mas mbak mba kak kakak gan bro sis min mimin admin bang abang om tante akang teteh
    tolong tlg tlong tulung mohon mhn mohn mhon harap segera sgr sgra secepatnya cepat lekas
    coba cb please pls plis plz punten maaf maap maf assalamualaikum ass asslm aslm salam halo
    hallo hai hello selamat slamat pagi siang sore malam malem mlm tadi td tdi kemarin kmrn
    kmaren kemaren besok isuk sekarang skrg skrng skr skrang hari hr minggu bulan bln tahun thn
    th jam jm menit mnt detik senin selasa rabu kamis jumat sabtu weekend wib wita tgl tanggal
    januari februari maret april mei juni juli agustus september oktober november desember subuh
    maghrib magrib isya dini tiap setiap stiap sering srg sring kadang selalu slalu terus trus
    trs lagi lg lgi deui masih msh msih mash sudah sdh udah udh dah tos enggeus geus geu telah
    tlh belum blm blum teu acan henteu tidak tdk tak ga gak gk ngga nggak engga enggak kagak ngk
    bukan bkn jangan jgn akan akn mau mo hendak ingin pengen bisa bs bsa dapat dpt harus hrs
    kudu wajib perlu boleh blh mungkin mgkn kok ko koq sih si kan khan dong donk dunk deh lah
    loh lho kah pun nya ya yaa yah iya atuh mah teh da euy wae weh we aja saja sja doang cuma
    cuman hanya hny malah justru bahkan juga jg jga pula banget bgt bngt pisan sangat sgt
    sangatlah sekali skali amat terlalu agak cukup lebih lbh paling semua smua smw banyak bnyk
    byk loba sedikit dikit beberapa bbrp brp berapa sabaraha kapan iraha kpn dimana mana dmn
    bagaimana gimana gmn kumaha kenapa knp knapa mengapa naha apa apakah naon siapa saha saya sy
    sya aku aq gw gue abdi urang kami kmi kita kt anda mereka dia kamu km orang org warga
    masyarakat msyrkt penduduk ada aya adalah jadi jd jdi menjadi mnjd bagi sebagai sbg seperti
    sprt kaya kayak kyk kek siga ibarat mati mti padam pdm hurung pareum gelap glp poek rusak
    rsk ruksak hancur ancur rusaknya parah prh macet mct macetnya macetos macettt tersendat
    padat stuck ngadat lancar banjir bnjr kebanjiran caah cileuncang genangan tergenang becek
    longsor tumbang rubuh roboh ambruk ambles amblas jebol bolong berlubang lubang lobang logak
    bocor mampet mampat tersumbat kotor bau bauk sampah smpah runtah parkir parkiran parkirnya
    pkl pedagang jualan dagang kaki lima ngetem mangkal lewat lwt melewati lintas lalu kendaraan
    motor mobil angkot angkotnya truk bus bis sepeda pejalan supir sopir lampu bahwa meluap eror
    error yeuh sebagian pendopo sl ttp tetap apotik lampunya pju penerangan penerang trotoarnya
    galian gali kabel tiang pohon drainase gorong selokan solokan got saluran air hujan ujan
    cucunguk aspal aspalnya perbaikan perbaiki dibenahi diperbaiki diaspal ditambal cek dicek
    tindak tindaklanjut lapor laporan info infokan informasi pengaduan aduan keluhan terima
    trima makasih thanks thx thanx tq trims nuhun hatur haturnuhun hatunuhun cc via rt mention
    follow foto video pic twit tweet up kerja kerjaan tugas bagian proyek pembangunan dinas
    instansi petugas satpol polisi dishub walikota wali pemkot pemerintah pejabat rakyat kondisi
    keadaan situasi posisi lokasi tempat tmpt tmpat rumah rmh imah ruas semakin makin mkin
    tambah tmbh kurang kurg penuh pnuh rame ramai sepi kosong bahaya bhaya rawan bahayakan
    gangguan ganggu ngaganggu mengganggu ngeri serem sieun takut parno bagus bgs alus mulus rapi
    bersih jelek butut berantakan semrawut kumuh liar resmi illegal ilegal gratis mahal murah
    kosongkan tertib ditertibkan tertibkan bongkar angkut beres bereskan pasang pasangan copot
    cabut tutup buka ditutup dibuka arah menuju jurusan depan dpn belakang blkg samping sebelah
    seberang sebrang dekat deket dkt sekitar sekitaran sepanjang ujung pinggir sisi luar antara
    anak2 anak orang2 tikus pintas keluar masuk pulang balik berangkat naik turun jatuh labuh
    celaka kecelakaan nabrak tabrakan tabrak begal copet maling rampok satu dua tiga empat enam
    tujuh delapan sembilan sepuluh ratus ribu juta puluh arus hambat lajur lapis of the is are
    was to for with on by from it this that there very so not no yes i you my our https http
    htps lain lainnya sareng sareung meni pas mulai atos parantos sae asa ambil akibat surut
    belok tumpah sini sana disini disana dicat seur seueur payun volume seram piraku unit kode
    bekas dsk dll dst sekira pabrik pengunjung biopori bikin biasa layanan umum khusus kiri
    kanan bakal panas tapi tp miris bebas pke pake pakai susah manapun kejauhan nuju segmen
    konon meureun tsb tersebut supados rapih punya sumur tl tlnya bolong2 kayanya kayaknya emang
    memang mmg emg kebanyakan rasanya gituh begini begitu gitu gini gitulah tiba saking nanti
    ntar engke pernah prnh lama lami heula dulu dlu pertama kedua ketiga jelas mirip tadinya
    sehingga shg padahal pdhl pdahal apalagi tetapi namun walau walaupun meski meskipun karunya
    hebat keren mantap mantep parkirliar trotoar pedestrian anjal gepeng pengemis pengamen
    preman calo taksi ojek becak delman truck kontainer polantas rw ketua pengurus mahasiswa
    pelajar2 guru dokter pasien korban pemilik pengelola pam pdam pln listrik telkom tagihan
    rekening pelanggan nomor nomer alamat hp telp mengalir ngalir ngocor kering keruh bersih2
    hijau emosi heran capek cape lelah bosen bosan kecewa kesel sedih senang gembira kalinya
    kali2 seminggu sebulan setahun sejam semalam semalem semalaman keneh keukeuh macem macam
    jenis kualitas ukuran lebar sempit luas tinggi rendah dangkal dalem jalanan jalanannya
    jalannya jalan2 sejajar berdua bertiga street road help fix broken dead bad full still why
    when where what who how since antre antri antrean antrian ngantri ngantre antreannya izin ijin
    dbiarkn libur belakangan setempat hilang minta hampir merasa sendiri pasti sesuai
    keliatan kelihatan kemungkinan markir pengguna pergantian subsidi nongkrong ngurus
    keganggu katabrak sepedaan duluan padet trafik bayar barusan kearah ketengah
    tentang secara kunaon lampuna pelanggar pnjual ngaruh neh yach dih wah oge tiasa sok naek
    berbau gantian setuju nyaman asal kembali hoax gelap dipenuhi loket
    """
)
# Too large to say where, and capitals that are no places.
NOT_PLACES = _words(
    "bandung bdg bogor jakarta jkt jkrt indonesia jawa jabar kota kab kabupaten provinsi prov"
    " asia seoul malaysia singapura ig fb wa tv stnk ktp sim kk npwp bpjs tpa pbb bbm hp dm"
    " url sms sp4n cs twitter gojek grab ikn kai polri telkomsel aplikasi pilkada pilpres"
    " instagram facebook youtube tiktok whatsapp google shopee solo bali"
)
# Words of names that people shorten.
LONG_FORMS = _heads({
    "alunalun": "Alun-alun", "bbkn": "Babakan", "bbk": "Babakan", "gn": "Gunung", "tmn": "Taman",
    "kr": "Karang",
})  # fmt: skip

# Verb forms that the list above cannot name one by one, and the names that look like
# them.
NOT_VERBS = _words(
    "kemerdekaan babakan pakan pekan kawakan dipenogoro dipenegoro dipati merkurius tarikolot"
    " metro mesjid dipatiukur diponegoro merdeka merpati merkuri mekar mekarwangi mekarsari"
    " melati merak merapi merbabu mentawai menteng mentor menado medan terusan teratai terate"
    " permata permai pelajar pemuda pejuang berlian bersih perintis pendidikan perumnas"
    " percetakan pertamina mengger mencos medika merauke megamendung mekarjaya perikanan"
    " pertanian peta permana persib perjuangan pengadilan penghulu pelangi pelabuhan peternakan"
    " perwira beringin berkah bermis dinamika dirgantara diklat"
)
# Sundanese words that begin with ci- and are no water names.
NOT_TOPONYMS = _words(
    "ciptaan ciptain cintaku cintanya ciamik ciwi ciyus cikgu civitas cinta cintai cium"
    " ciuman cicil cicilan cicing ciri cirinya ciptakan cipta citra cita citarasa civil cilik"
    " cicak cina cincin cindy citizen cinema cikal cinderamata cipratan ciprat cireng cilok"
    " cimol circle cialis cidera cingcong cicips cihuy ciee ciyee cie ciek ciken cilaka cieun"
    " cigana cinca"
)

# Behind a number: an amount, not a part of a name.
UNIT = _words(
    "rumah motor mobil unit kk meter m km rb ribu juta persen warga siswa hari jam bulan"
    " minggu tahun thn titik orang org kali x menit mnt lampu bh buah"
)
PERSONS = _words("pak bapak bu ibu kang mas mbak om jenderal jendral sdr saudara nama")
