"""Made-up dangers and calm texts that read like them: Indonesian, Sundanese, Javanese,
English.

Written in five parts, each before the words of `config/words/urgency.yaml` were mended
with it. When new, 72 of 98, 36 of 60, 29 of 35, 18 of 40 and 24 of 30 dangers rang, and
17 of 111, 4 of 63, 4 of 30, 9 of 40 and 7 of 30 calm. Of the last two parts those were
hard on purpose.
"""

from __future__ import annotations

DANGERS = """
rumah di RT 3 kebakaran, belum ada pemadam
api besar di gudang kayu Cibuluh
asap hitam keluar dari ruko depan pasar
tabung gas meledak di warung nasi
ada korsleting di tiang listrik, keluar api
kompor meledak, ibu saya luka bakar
kontrakan kebakaran 3 pintu
imah tatangga kahuruan, tulungan!
aya kahuruan di pasar, seuneu geus gede
kompor ngabeledug, aya nu kabeuleum
omahe tangga kobong, tulung
geni gedhe neng pasar
there's smoke coming out of the apartment, people are trapped
my neighbor's house is on fire
longsor nutup jalan Batutulis, ada motor ketimbun
tebing longsor nimpa rumah warga
taneuh urug nutupan imah, aya nu kaurug
lemah longsor, omah katut
a landslide hit our house
banjir bandang, warga naik ke atap
air sudah setinggi dada, nenek saya masih di dalam rumah
caah geus nepi ka dada, budak leutik can dievakuasi
banjire wis sak dada, simbah durung ditulungi
tanggul Ciliwung jebol
water is up to my chest and we can't get out
anak kecil kebawa arus kali Cisadane
ada orang nyemplung ke sungai dan belum muncul
aya budak palid di Cipakancilan
bocah keli neng kali
a child fell into the river
orang loncat dari jembatan Jembatan Merah
ada yang mau lompat dari flyover
seseorang mau gantung diri di pohon taman
temen saya nelen obat banyak mau bunuh diri
abdi ningali jelema rek luncat tina jambatan
kecelakaan beruntun di tol, banyak korban
motor vs truk, pengendara tergeletak tidak bergerak
angkot terguling penumpang luka luka
anak ketabrak mobil depan sekolah, berdarah
ojol ditabrak lari, kakinya patah
aya nu katabrak mobil, getihan
motor tabrakan, nu numpakna teu sadar
wong ketabrak sepur
a motorbike hit an old man, he is bleeding
hit and run near the station, someone is badly hurt
pohon tumbang nimpa angkot ada penumpang di dalam
pohon rubuh menimpa kabel listrik, keluar percikan api
tangkal rungkad ninggang mobil
wit ambruk ngebruki omah
a tree fell on a car with people inside
kabel listrik jatuh ke jalan, nyetrum
kabel PLN putus menjuntai ke genangan air
ada anak kesetrum tiang lampu taman
aya nu kasetrum di sawah
live wire on the road
ibu hamil mau melahirkan di angkot
suami saya serangan jantung butuh ambulan
ayah saya gak sadar, napasnya ngorok
anak saya kejang kejang, puskesmas tutup
nenek jatuh di kamar mandi tidak bisa bangun
tetangga muntah darah butuh ambulans
bapa abdi kapiuhan teu eling
bojoku arep nglairno, butuh ambulans
my father collapsed, he can't breathe
I need an ambulance now
satu kelas keracunan MBG, muntah muntah
ada tawuran pelajar bawa celurit di Sukasari
gerombolan motor bawa sajam nyerang warga
begal beraksi di Jalan Baru, korban dibacok
ada perampokan di minimarket, pelaku bawa pistol
ada yang ditusuk di terminal
istri dipukuli suaminya sampai berdarah, tolong
tetangga nyiksa anaknya sekarang, anaknya jerit jerit
aya nu gelut make bedog
ana wong digebuki neng dalan
a man with a knife is threatening people
he is beating his wife right now
orang gila bawa parang ngejar warga
odgj ngamuk bawa pisau
anak perempuan hilang dibawa orang naik mobil hitam
bayi ditemukan di tempat sampah masih hidup
bau gas menyengat dari pipa, takut meledak
gas bocor di dapur sekolah
lift macet, ada orang di dalam
orang kejepit eskalator
jembatan gantung putus, ada anak sekolah jatuh
plafon kelas roboh, murid ketimpa
tembok sekolah rubuh menimpa motor
ular sanca masuk rumah, ada bayi
tawon ndas nyerang anak sekolah
anjing gila gigit tiga warga
gempa barusan, tembok rumah retak, ada yang tertimpa
mobil nyemplung ke kali ada orangnya
kereta menabrak mobil di perlintasan
ada bom di mall
ditemukan mayat di kali
tolong kirim damkar ke Gang Aut
tolong kirim ambulans ke Jl. Pahlawan sekarang
warung di sebelah masjid kebakaran hebat
kebakaraaan di gang mesjid, cepat kirim pemadam
mobil terbakar di parkiran mall
ada bau gosong dan asap dari trafo PLN
percikan api di kabel atas rumah kami
kahuruan di kampung Cibalagung, seuneu ngagedean
omah mburi pasar kobongan
the shop across the street is burning
fire at the hotel, people still inside
tanah amblas rumah ikut longsor
kampung kami terisolir karena longsor
longsor deukeut SD, imah katutup taneuh
two houses buried by landslide
air kali meluap masuk rumah, tolong perahu
kami di atap rumah, air makin tinggi
caah ngadadak, cai asup imah sapinggang
banyune wis mlebu omah sak dengkul, tulung evakuasi
flood water entering our house, grandma is stuck
murid SMP tenggelam di kolam renang
bocah kelelep neng kolam
budak tikerelep di situ gede
someone jumped off the bridge
adik saya minum racun
teman saya ngirim pesan mau mengakhiri hidup
kecelakaan maut di turunan Empang
truk nabrak rumah warga, sopir kejepit
bus masuk jurang di Puncak banyak yang luka
pemotor terlindas truk
aya tabrakan motor, nu hiji teu obah
ana tabrakan, sing numpak getihen
pedestrian hit by a bus, not moving
dahan gede ragrag ninggang nu keur ngiuhan
pohon besar roboh menimpa rumah ada orang di dalam
kabel listrik tegangan tinggi putus di atas trotoar
anak kesetrum di genangan dekat tiang
kakek saya tiba-tiba jatuh dan tidak bernapas
istri mau lahiran, ketuban pecah, nggak ada kendaraan
ada ibu melahirkan di halte
tetangga kejang mulut berbusa
simbok tiba neng jedhing ora sadar
my son is choking
woman fainted at the park please send ambulance
ratusan warga keracunan takjil
geng motor bacok orang di Sholis
pelajar saling serang pakai celurit sekarang di depan terminal
rumah saya dirampok, pelaku masih di dalam
ada penodongan di ATM
suami tetangga lagi mukulin istrinya pakai kayu
anak tetangga disekap orang tuanya
aya nu ngamuk mawa golok di pasar
ana wong ngamuk nggawa arit
man with a gun in the market
tercium bau gas kuat di ruko, warga pusing
lansia terjebak di lift balai kota
tembok roboh menimpa anak-anak main bola
ular king kobra di kamar mandi
tawon vespa nyengat warga, satu pingsan
mobil kecebur sungai, sopir belum keluar
orang tertabrak KRL di Bojong Gede
ditemukan orang meninggal di trotoar
kebakaran di lantai dua ruko Jalan Roda
tolong pemadam ke Cimanggu, rumah tetangga dilalap api
genset meledak di pasar, api nyamber ke kios
gudang plastik kebakar, asapnya hitam pekat
aya seuneu di gudang tukangeun pasar
omah tonggoku kobong kabeh
apartment balcony on fire right now
tebing runtuh menutup rumah, penghuninya belum keluar
tanah longsor timpa 3 rumah di Muarasari
our street is flooding fast and people are stuck on roofs
banjir sudah sampai atap, kami belum dievakuasi
arus deras, dua anak terseret di Ciliwung
lansia jatuh ke sumur
budak ragrag ka sumur
pria nekat di atas jembatan mau terjun
mahasiswa ditemukan gantung diri di kos
tabrakan karambol di tanjakan, ada yang kejepit
motor nyungsep ke got, kepalanya bocor
korban tabrak lari masih di pinggir jalan, belum ada ambulans
old lady hit by motorbike needs ambulance
pohon beringin tumbang ke kabel, listrik menyala-nyala
papan reklame ambruk menimpa pemotor
tukang kesetrum di atas tiang
bapak pingsan di antrean bansos
ibu melahirkan di angkot 02
pasien sesak berat ambulans tidak datang-datang
sekeluarga lemas diduga keracunan gas
siswa berantem pakai gir di Merdeka
orang dikejar-kejar pakai parang
tetangga teriak-teriak dipukuli suaminya
perampok masuk rumah pak haji sekarang
anak umur 4 tahun diculik di pasar
pipa gas bocor, mendesis keras
bayi dibuang di depan masjid
orang kejebak di lift RSUD
anak kecil keseret arus di sungai
tolong nenek saya jatoh ga sadar2 di kamar mandi
motor adu banteng sama angkot di Batutulis, darah dimana mana
aya nu ngajuru di angkot, butuh bidan
caah geus sapinggang, aya nini-nini can kaluar ti imah
mobil nyungsep ke kali ada orangnya
ibu saya ngos ngosan ga bisa napas tolong ambulan
ada bapak2 ambruk pas lagi jalan, mukanya biru
api udah nyamber ke kontrakan sebelah
kabel pln jatoh ke jalan masih ada setrumnya
teman saya ngiris tangannya, darahnya ga berenti
bus mundur sendiri nabrak warung, ada yang kejepit
banjir nyampe leher di gang kami, masih ada lansia di lantai 1
atap pasar roboh, pedagang ketimpa
ada yang ngacungin golok di depan alfamart
korban tabrak lari masih geletak di jalan
bayi saya panas 41 step, tolong
kompor gas nyembur api
rumah tetangga kebakar min jl gunung batu
tower mau roboh ketiup angin udah miring banget ke rumah warga
anak saya hilang sejak magrib di sempur baju merah
ada orang gantung diri di kebon belakang
gas 3kg bocor ngedesis di warung
jembatan ambrol ada motor yang jatuh
pohonnya udah rebah ke rumah, ada yang di dalem
ular kobra masuk ke kamar mandi tolong damkar
istri saya pendarahan abis lahiran
somebody fell onto the railway track
there has been a bad accident near Tugu Kujang, two people hurt
smoke is coming from the school roof
aya budak ragrag ka sumur
motor tabrakan jeung treuk, supirna teu usik
bapa abdi ngadadak labuh teu engeuh
imah abdi kahuruan tulungan
ada kebocoran tabung amonia di pabrik es, orang2 pada pingsan
maling ketangkep lagi dihakimi massa udah bonyok
tolong kak, saya dikunciin dan dipukulin sama mantan
ada penumpang KRL jatuh ke peron kepalanya bocor
perahu wisata kebalik di situ gede
longsoran nutup rumah pak RT
ada kebakar rumah di belakang puskesmas pak
kakek jatoh dari motor kepalanya berdarah banyak
tukang bangunan kesetrum pas ngecor di Loji
banjir di rumah udah sepinggang, listrik masih nyala
pohon ambruk kena pengendara ojol
orang hanyut di kali ciliwung deket pulo geulis
tolong ada yang mau bunuh diri di jembatan
gempa keras barusan, dinding kelas runtuh
mobil nabrak tiang terus keluar asap, supir masih di dalam
suami saya mendadak lumpuh separo badan mulutnya mencong
bayi biru ga nangis abis lahir di rumah
rombongan motor nyabetin celurit ke orang lewat
anak saya ketelen baterai
gudang plastik kebakaran asap item banget
ada ledakan dari rumah makan padang
longsor lagi, jalan ketutup total, ada mobil di bawahnya
ibu-ibu kejambret jatuh luka parah di kepala
seuneu di pasar geus ngaler ka toko sabeulah
aya jalma labuh tina wangunan luhur
budak abdi leungit ti isuk di kebon raya
wong tuo ambruk neng pasar, ora napas
tourist having a seizure at the palace gate
my house is flooding fast and my baby is inside
listrik di kolam renang bocor, anak2 kesetrum
kebocoran gas di jalan raya Pajajaran baunya nyengat
pabrik kimia kebakaran warga sesak napas
kakak saya overdosis obat tidur tolong
ada perkelahian bawa pisau depan terminal baranangsiang
truk rem blong nyeruduk angkot banyak yg luka
atap SD ambruk pas jam pelajaran
Banjir, air masuk rumah setinggi dada, ibu saya terjebak di atap
got mampet, air masuk rumah sudah sepinggang, nenek tidak bisa keluar tolong
Air sungai meluap masuk rumah, tolong evakuasi
air naik cepat masuk ke rumah, kami naik ke lantai dua, tolong
Selokan mampet air masuk rumah, anak saya kesetrum
banjir masuk rumah karena saluran tersumbat, lansia terjebak di dalam
Banjir sedada di Gang Kosasih, selokan mampet, warga terjebak
air masuk rumah selutut ada bayi dan lansia belum bisa dievakuasi, got mampet
Cai asup imah geus sadada, solokan mampet, tulungan
air sudah masuk rumah warga, makin tinggi
Katulampa siaga 1 air masuk rumah
flood water in our house, we are trapped, drain blocked
""".strip().splitlines()

CALM = """
damkar latihan di alun-alun besok
kebakaran lahan tahun lalu jangan terulang
trauma kebakaran 2019
takut kebakaran karena kabel semrawut
kabel semrawut rawan korslet, mohon dirapikan
pohon miring takut tumbang
pohon tua perlu dipangkas sebelum tumbang menimpa orang
tangkal geus kolot, sieun rungkad
wit gedhe iki wedi ambruk, tulung dikethok
rawan begal karena gelap
jalan gelap sering ada begal, minta PJU
jalan bolong bisa bikin orang celaka
lubang ini sudah makan korban, kemarin ada yang jatuh
nunggu ada korban dulu baru diperbaiki?
banjir tiap hujan di depan rumah, drainase mampet
banjir semata kaki di jalan
jalan banjir sedikit
genangan air di perempatan
air PAM mati dua hari
lampu PJU mati
api semangat warga
hati ini terbakar rindu
netizen ngamuk gara-gara tarif parkir naik
harga beras meledak
harga gas 3 kg langka
tenggelam dalam tugas
kecelakaan? alhamdulillah tidak ada korban
terima kasih petugas damkar sudah evakuasi ular
terima kasih ambulansnya cepat datang
hatur nuhun damkar, seuneu tos pareum
suwun damkar, genine wis mati
thank you firefighters, the fire is out
no one was injured
is there a fire station near here?
how do I report a fire?
what is the emergency number in Bogor?
nomor ambulans puskesmas berapa ya
bagaimana cara lapor kebakaran
mau tanya syarat surat keterangan kematian
syarat santunan kecelakaan jasa raharja apa
mau daftar relawan kebakaran
kapan simulasi gempa di sekolah
sosialisasi bencana longsor hari ini di kelurahan
BPBD mengadakan pelatihan evakuasi banjir
seminar pencegahan bunuh diri di kampus
film kebakaran hutan bagus
lagu api asmara
game tembak-tembakan bikin anak kecanduan
anak saya demam mau berobat puskesmas jam berapa
ibu saya stroke sudah setahun, minta bantuan kursi roda
bapak saya pasca operasi jantung, BPJS ditolak
saya penderita asma, asap bakar sampah ganggu
asap bakar sampah tiap sore sesak
asap knalpot angkot hitam
asap sate sebelah rumah ganggu
bakar sampah di lahan kosong
kandang ayam bau menyengat
bau busuk dari TPS menyengat
bau got menyengat
gas LPG langka bikin emak-emak menjerit
macet bikin darah tinggi
macet parah sampai mau mati rasanya
mati kutu nunggu bus
pelayanan bikin sesak napas
bikin serangan jantung lihat tagihan PDAM
tagihan air bikin kejang
kaget setengah mati lihat PBB naik
parkir di trotoar bikin nyawa pejalan kaki melayang
kritik pedas buat dishub
kucing saya hilang
dompet hilang di angkot
HP dicopet di stasiun kemarin
motor hilang minggu lalu di Cilendek
anjing liar banyak, takut gigit
ular sawah sering muncul di selokan, mohon dibersihkan
sarang tawon di pohon depan sekolah, minta dipindah
pagar jembatan rusak, bahaya bisa jatuh
lift rumah sakit rusak sudah sebulan
palang pintu kereta rusak bahaya
truk sering rem blong di turunan, mohon rambu
konvoi motor bising tiap malam minggu
tawuran marak akhir-akhir ini, mohon patroli
petasan tiap malam ganggu bayi tidur
bom waktu kalau sampah tidak diangkut
darurat guru di SD kami
darurat sampah di kelurahan
kota ini darurat PKL
korban PHK belum dapat bantuan
korban pinjol minta bantuan
korban banjir bulan lalu belum dapat bansos
bantuan korban longsor kapan cair
rumah tidak layak huni hampir roboh, minta rutilahu
atap sekolah bocor hampir ambruk
tembok kirmir retak khawatir longsor
jangan sampai ada yang tenggelam, pasang pagar
semoga tidak ada yang kecelakaan lagi
sinyal hilang tenggelam
persib dibantai, pemain bertumbangan
gol bunuh diri bikin kalah
mantan bikin nyesek
kangen setengah mati sama Bogor
pedagang tahu gejrot enak
ikan bakar enak di mana ya
ayam geprek meledak di mulut
diskon meledak akhir tahun
ledakan penduduk di kecamatan
ujian bikin pingsan
ada acara donor darah hari ini
api unggun di camping ground boleh?
kembang api tahun baru di mana?
dulu waktu kecil saya pernah hanyut di Ciliwung
damkar keren, tadi ular di rumah sudah ditangkap
kapan damkar sosialisasi ke sekolah kami
pemadam kebakaran lewat bikin macet
hydrant di pasar tidak berfungsi, bahaya kalau kebakaran
APAR di pasar kadaluarsa
bangunan bekas kebakaran belum dibersihkan
pengungsi kebakaran butuh selimut
data korban kebakaran 2023 di mana?
kabel listrik menjuntai rendah, takut kesetrum
tiang listrik miring hampir roboh
wit neng ngarep omah doyong, wedi ambruk
tangkal dahanna geus garing, bisi ninggang jalma
pohon menghalangi rambu
jalan licin sering bikin motor jatuh
tikungan maut, tolong pasang cermin
minta polisi tidur karena sering kecelakaan
rel tanpa palang, rawan tertabrak kereta
turap kali retak
tebing di belakang rumah mengkhawatirkan
drainase mampet bikin banjir tiap hujan gede
banjir langganan tiap tahun kapan ditangani
banjir kiriman sudah surut sejak subuh
hujan deras dari tadi, jalanan tergenang
kolam renang tirta sari airnya kotor
anak-anak mandi di kali, larang dong bahaya
jembatan bambu lapuk minta diganti
jembatan tutup dari kemarin?
ambulans desa rusak
ambulans parkir sembarangan
pelayanan IGD lambat
antre BPJS bikin emosi
saya ada riwayat jantung, puskesmas mana yang buka sabtu
nenek saya lumpuh butuh kursi roda
anak stunting dapat bantuan apa
obat di puskesmas kosong
vaksin anjing rabies kapan
odgj berkeliaran di pasar, tolong diamankan
orang mabuk nongkrong di pos ronda
pengamen maksa minta uang
geng motor nongkrong bikin resah warga
balap liar malam minggu di jalan baru
cctv di jalan rawan begal tolong dipasang
pencurian helm di parkiran
helm saya hilang di parkiran pasar
spion mobil dicuri kemarin malam
kdrt lapor ke mana ya
cara lapor kekerasan anak
film dokumenter longsor di museum
lomba mewarnai tema gempa
skripsi saya tentang banjir Ciliwung
harga cabe bikin jantungan
deadline bikin mau pingsan
panas banget hari ini kayak kebakar
hati hancur lihat kondisi jalan ini
jalan hancur lebur kayak kena bom
petugasnya galak kaya mau nerkam
suara petasan seperti ledakan tiap malam
debu proyek bikin sesak
mati kita kalau tiap hari macet
the fire hydrant is broken
is it safe to swim in the river?
dangerous stairs, someone could fall
no ambulance parking here please
kapan damkar dapat mobil baru
gardu PLN dekat rumah berisik
mohon tebang pohon yang condong ke kabel
jembatan goyang kalau truk lewat, mohon dicek
lampu hias alun-alun korslet terus
titik api sudah dipadamkan tadi malam
cerita kebakaran pasar zaman dulu
nonton film hantu sampai menjerit
harga tiket pesawat bikin pingsan
jalan ke Tajur lautan kendaraan
cuaca panas membakar kulit
UMKM kami tenggelam karena sepi
hujan angin kemarin banyak genteng lepas, minta bantuan terpal
tawuran sering terjadi, kapan ada pos polisi
lubang di jalan bikin banyak yang jatuh
anak saya alergi, sesak kalau ada asap sampah
mau donor darah di PMI jam berapa
ada lowongan jadi relawan BPBD?
kucing terjebak di atap
ban bocor kena paku di Jalan Baru
rumah kosong dekat sini rawan maling
air sungai naik sedikit tapi aman
pelajar nongkrong bawa motor bising
kompor gas bantuan tidak menyala
seminar kesehatan jantung
tolong cepat perbaiki jalan, bahaya
tolong segera angkut sampah, gawat baunya
emergency exit di mall tertutup
please help, my KTP is lost
gercep! pohon tumbang langsung diberesin 30 menit. bravo BPBD
BPBD Kota Bogor melakukan evakuasi pohon tumbang di Jl. Ciremai, arus lalu lintas kembali normal
semoga ga ada lagi yang keracunan MBG, tolong diawasi dapurnya
katanya besok sekolah diliburkan karena gempa, itu hoax bukan
macet sampe mau pingsan nunggu bus
harga cabe meledak di pasar
kapan nih lampu rawan begal dibenerin
anak saya trauma abis liat kecelakaan minggu lalu
tolong pasang rambu, sering kecelakaan di tikungan ini
usul: adain pelatihan P3K kalau ada kecelakaan
terima kasih bpbd udah evakuasi ular dari rumah saya
kebakaran di gunung salak bulan lalu bikin asap
tolong perbaiki jembatan sebelum ambruk
got dalam banget takut ada anak kecemplung
jalan licin, kemarin 2 motor jatuh
rumah saya bocor tiap hujan
bensin mahal bikin nangis darah
persib ngamuk, lawan dibantai 4-0
ditembak polisi? ah hoax
air galon langganan pecah di motor
bapak saya kena stroke 2 tahun, kursi rodanya dapet dari dinsos mana ya?
mohon info vaksin abis digigit kucing
lampu mati total jadi sering ada tabrakan
tahun 2020 sini banjir sedada
sinyal tenggelam, wifi umum mati
saya mau lapor korban penipuan online
pengajuan santunan korban kecelakaan kemana
ambulan puskesmas kok bayar?
petugas damkar ramah banget waktu ngajar anak TK
drill gempa di sekolah rame
polusi dari pabrik bikin sesak
pohon tumbang kemarin di Gg Ardio belum dibersihin batangnya
kabel udah diperbaiki PLN, terima kasih
ada bekas kebakaran di lahan kosong, puingnya dibersihin dong
banjir diskon di BTM
nunggu antrian sampe lumutan, mati berdiri gue
pengen bunuh orang rasanya liat parkir liar
jalan rusak bikin motor nyungsep mulu
asuransi kebakaran rumah wajib ga?
tolong tambahin penerangan biar ga ada begal
pohon depan rumah udah tua ngeri roboh
cara daftar BPJS buat ibu hamil gimana
jembatan udah keropos tinggal nunggu ambruk
kata temen jalan sini suka ada tabrakan
berita kebakaran kemarin gimana kelanjutannya min
makasih bapak damkar, kucing saya selamat
got banjir sampah plastik
kami minta APAR di tiap RW
adik saya pengen jadi pemadam kebakaran
dulu rumah saya pernah kebanjiran sedada
tarif parkir bikin serangan jantung
aksi cepat petugas BPBD memotong pohon yang tumbang
jalan ini udah makan korban, kapan diperbaiki
minta ambulans desa siaga di kelurahan kami
lomba padamkan api antar kelurahan
keluarga korban kecelakaan 2021 belum dapat santunan
hati2 penipuan ngaku dari rumah sakit bilang anak kecelakaan
telat masuk kerja gara2 kereta mogok, matilah gue
lampu korslet di taman tolong diganti
tiang listrik miring tolong dicek
kolam ikan saya banjir lele
narkoba makin marak disini bahaya
anjing tetangga galak, takut gigit anak
semprot nyamuk dong sebelum ada yang kena DBD
drama korea adegan tenggelam bikin nangis
kenapa ya sekarang banyak yg kena stroke muda
awas ada razia di tugu kujang
saya butuh surat keterangan korban banjir
genteng bocor rumah nenek minta bantuan rutilahu
Selokan mampet, tiap hujan air masuk rumah warga
Air masuk ke rumah gara2 got mampet di depan
got depan rumah mampet, air got masuk rumah kalau hujan
Drainase tersumbat sampah, airnya sampai masuk rumah
saluran air tersumbat bikin air masuk ke dalam rumah kami, bau
Solokan mampet cai asup ka imah
air comberan masuk rumah karena gorong gorong buntu
Kalenan mampet banyune mlebu omah
the drain is blocked and water comes into our house
selokan penuh sampah jadi kalau hujan deras air masuk rumah saya, mohon dikeruk
Got tersumbat sedimen, banjir masuk rumah setiap hujan, tolong dikeruk dinas PUPR
Air selokan meluap masuk rumah karena salurannya mampet sudah seminggu
saluran mampet mohon diperbaiki air sudah masuk rumah
tagihan air naik terus padahal rumah kosong
""".strip().splitlines()
