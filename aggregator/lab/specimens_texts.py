"""Made-up messages of residents with class, kinds and language:
"class|kinds|language|text".

Written in three parts, each before the words of `config/words/` were mended with it.
When new, 145 of 194, 94 of 147 and 40 of 60 had the right class; the first kind was
right in 145 of 160, 93 of 116 and 37 of 46 that have one ("-": none). The city is
Bogor, for its streets and its Sundanese.
"""

from __future__ import annotations

TEXTS = """
pengaduan|pju_mati|id|Jl. Batutulis mati dua malam, gelap gulita kalau pulang kerja
pengaduan|pju_mati|id|lampu jl siliwangi mati semua dari kemarin
pengaduan|pju_mati|id-su|min lampu di gang saya pareum geus 3 hari, tolong dicek
pengaduan|pju_mati|su|Lampu jalan di Gang Selot pareum ti peuting kamari, poek pisan
pengaduan|pju_mati|id-jv|lampu jalan depan perum mati wis seminggu, peteng banget kalo malam
pengaduan|pju_mati|id|PJU kedip-kedip di Tanah Baru udah sebulan
pengaduan|pju_mati|id|tiang pju no 45 sukasari gak nyala2 dr lebaran
pengaduan|pju_mati|id|penerangan jalan umum di RW 05 Cipaku padam total
pengaduan|jalan_berlubang|id|jalan pahlawan ancur bgt, motor gw sampe kempes kena lubang
pengaduan|jalan_berlubang|id|Aspal di Jl Raya Tajur ngelupas semua, kapan ditambal ya pak
pengaduan|jalan_berlubang|su|Jalan ka Mulyaharja rusak pisan, seueur lobang, motor abdi labuh tadi
pengaduan|jalan_berlubang|id|udah 3 orang jatuh minggu ini gara2 lubang depan SPBU Ciawi
pengaduan|jalan_berlubang|id|galian kabel gak dirapihin lagi, jalan jadi bergelombang di Ahmad Yani
pengaduan|jalan_berlubang|jv|Dalan ngarep omahku bolong gedhe, tulung didandani pak
pengaduan|trotoar|id|trotoar jl otista keramiknya pecah semua, kaki saya kesandung
pengaduan|trotoar|id|guiding block buat tunanetra di pedestrian kebun raya ilang
pengaduan|trotoar|en|The sidewalk near the station is broken and my mother fell on it yesterday
pengaduan|saluran_mampet|id|got depan rumah mampet, bau banget, udah lapor RT ga digubris
pengaduan|saluran_mampet|su|solokan di RT 2 mampet ku runtah, mun hujan cai ngaliwat ka imah
pengaduan|saluran_mampet|id|selokan jebol di Gg Kosasih belum dibenerin dinas sampe skrg
pengaduan|saluran_mampet|id|gorong gorong di pertigaan Loji tersumbat lumpur
pengaduan|banjir_longsor|id-su|caah lagi caah lagi, kapan atuh kali cipakancilan dikeruk pak
pengaduan|banjir_longsor|id|Genangan tinggi di underpass Soleh Iskandar setiap hujan
pengaduan|banjir_longsor|id|tebing belakang rumah mulai retak, kami takut longsor, mohon ditinjau
darurat|banjir_longsor|id|LONGSOR di Empang pak barusan, dua rumah ketimbun, ada orang di dalem!!
darurat|banjir_longsor|id|air ciliwung naik cepet bgt udah masuk rumah warga sempur butuh perahu
darurat|pohon_tumbang|id|Pohon gede tumbang nimpa mobil di Jl Jalak Harupat, orangnya masih kejebak
darurat|pohon_tumbang|id-su|tangkal kenari rungkad depan istana, jalan katutup, aya motor katinggang
pengaduan|pohon_tumbang|id|ranting pohon nutupin lampu merah, tolong dipangkas
darurat|kebakaran|id|kebakaran di pasar anyar blok C, api gede banget tolong damkar
darurat|kebakaran|su|Kahuruan! imah tatangga di Cimahpar, seuneu geus kana hateup
darurat|kebakaran|en|Fire in the building behind the station, lots of smoke, please send help
darurat|kebakaran|id|ada yg bakar2 lahan kosong apinya merembet ke rumah warga ciparigi
pengaduan|kebersihan|id|tetangga bakar sampah tiap pagi asepnya masuk rumah, anak saya batuk
pengaduan|kebersihan|id|Sampah di TPS Cimanggu udah 5 hari ga diangkut, belatungan
pengaduan|kebersihan|su|Runtah pabalatak di sisi walungan Ciliwung, bau hangit
pengaduan|kebersihan|id-su|tukang sampah teu datang wae udah 2 minggu, iuran mah jalan terus
pengaduan|kebersihan|en|Garbage has not been collected in our street for two weeks
pengaduan|kebersihan|jv|Uwuh neng pinggir kali ora diangkut wis seminggu, mambu banget
pengaduan|air_minum|id|air pdam mati dari subuh, mau mandi gimana
pengaduan|air_minum|id|Tirta Pakuan tagihan bulan ini melonjak 3x lipat padahal pemakaian sama
pengaduan|air_minum|su|Cai PDAM teu ngocor tos tilu poe di Cilendek
pengaduan|air_minum|id-su|airnya butek pisan kaya kopi susu, punten dicek atuh
pengaduan|air_minum|id|pipa pdam bocor di jl ciwaringin air kebuang2 ke jalan
pengaduan|kemacetan|id|macet parah di Yasmin gara2 pembangunan tol, telat kerja mulu
pengaduan|kemacetan|id|tiap sabtu minggu kota ini lumpuh, plat B numpuk di Pajajaran
pengaduan|angkutan_umum,kemacetan|id|angkot ngetem di depan BTM bikin macet sampe Empang
pengaduan|angkutan_umum|id|sopir angkot 02 ngebut ugal2an bawa anak sekolah
pengaduan|angkutan_umum|id|Biskita koridor 2 nunggunya sejam, armadanya kurang
pengaduan|angkutan_umum|id|ongkos angkot dinaikin sendiri sama supirnya jadi 8rb
pengaduan|angkutan_umum|su|angkot 03 teu daek nepi ka terminal, diturunkeun di tengah jalan
pengaduan|lampu_lalu_lintas|id|lampu merah Ekalokasari error, ijo semua
pengaduan|lampu_lalu_lintas|id|lampu setopan Warung Jambu mati dari pagi ga ada polisi
pengaduan|parkir_liar|id|Parkir liar di depan RS PMI makin parah, ambulans aja susah masuk
pengaduan|parkir_liar|id|tukang parkir di alfamart narik 5rb, ga ada karcis, padahal gratis
pengaduan|parkir_liar|id-su|juru parkirna galak pisan euy di jl Bangka, minta goceng motor
pengaduan|pkl|id|PKL di Jl. Merdeka udah makan setengah badan jalan
pengaduan|pkl|id|lapak2 kaki lima alun2 makin semrawut tolong ditata
pengaduan|ketertiban|id|karaoke di ruko sebelah berisik sampe jam 2 pagi, ga bisa tidur
pengaduan|ketertiban|id|banyak anak punk mabok di kolong jembatan Merah
pengaduan|ketertiban|id|pengamen maksa di angkot, kalo ga dikasih marah2
pengaduan|ketertiban|su|Loba barudak ngarora marabok di taman unggal peuting, ganggu warga
pengaduan|kriminalitas|id|motor tetangga ilang lagi digondol maling, pos polisi kosong terus
pengaduan|kriminalitas|id|HP saya dijambret di angkot 08 kemarin sore
darurat|kriminalitas|id|tolong ada begal bawa celurit di jl baru sekarang, korban luka
wbs|pungli|id|petugas kelurahan minta 200 ribu buat urus surat waris
wbs|pungli|id|oknum dishub narik setoran ke juru parkir tiap malam, ada videonya
wbs|pungli|id|Saya mau lapor diam2, bantuan BLT kami dipotong 100rb sama pak RW
wbs|pungli|su|Di kantor kacamatan abdi dipenta artos 50 rebu kanggo nyandak KTP
wbs|pungli|en|An officer at the counter asked me for money to speed up my ID card
wbs|sekolah,pungli|id|kepala sekolah SD minta uang seragam 1,5 juta katanya wajib, bukannya gratis?
wbs|pungli|id|proyek drainase di kelurahan kami kayaknya di mark up, materialnya jelek
wbs|pungli|id-jv|wong kelurahan njaluk duit rokok nek ngurus KK, tolong ditindak
pengaduan|adminduk|id|KTP saya udah 3 bulan ga jadi2, katanya blangko abis terus
pengaduan|adminduk|id|nama anak saya salah di akta lahir, bolak balik disdukcapil dioper2
permintaan_informasi|adminduk|id|cara bikin KIA gimana ya min?
permintaan_informasi|adminduk|su|Punten, bade naros, ngadamel KK enggal syaratna naon wae?
permintaan_informasi|adminduk|id|disdukcapil hari sabtu buka ga?
permintaan_informasi|kesehatan|id|vaksin rabies di puskesmas mana aja ya yg ada
permintaan_informasi|kesehatan|id-su|min jadwal posyandu RW 3 Sindangsari iraha?
pengaduan|kesehatan|id|perawat RSUD jutek, ibu saya disuruh nunggu 6 jam di IGD
pengaduan|kesehatan|id|di komplek kami udah 4 anak kena DBD, kapan di fogging?
pengaduan|kesehatan|id|bpjs saya tiba2 nonaktif padahal bayar terus
pengaduan|sekolah|id|zonasi ppdb ga adil, rumah 300 meter ga keterima
permintaan_informasi|sekolah|id|Kapan pendaftaran SPMB SMP dibuka?
pengaduan|sekolah|id|atap SDN Polisi 5 bolong kalo ujan kelasnya banjir
pengaduan|bansos_pmks|id|kenapa yg kaya dapet PKH sedangkan nenek saya yg janda engga
pengaduan|bansos_pmks|su|Emak abdi tos kolot teu kenging bantosan, padahal miskin
permintaan_informasi|bansos_pmks|id|cek penerima bansos dimana ya kak?
pengaduan|kekerasan_anak_perempuan|id|anak tetangga sering dipukulin bapaknya, kasian, lapor kemana
pengaduan|ketenagakerjaan|id|gaji 2 bulan belum dibayar pabrik garmen di Cibuluh
permintaan_informasi|ketenagakerjaan|id|job fair bogor tahun ini kapan min
permintaan_informasi|perizinan|id|syarat urus PBG rumah tinggal apa aja dan berapa lama
pengaduan|perizinan|id|bangunan 4 lantai sebelah rumah ga ada izin, tembok saya retak
permintaan_informasi|pajak_daerah|id|bayar PBB online lewat apa ya
pengaduan|pajak_daerah|id|pbb saya naik 200 persen ga masuk akal
pengaduan|pasar|id|harga beras di pasar bogor makin gila
pengaduan|pasar|id|gas 3 kilo langka di bogor selatan, keliling ga dapet
pengaduan|taman|id|ayunan di taman Ekspresi putus, bahaya buat anak
pengaduan|taman|id|toilet lapangan sempur jorok dan bayar 3rb
pengaduan|listrik|id|mati lampu lagi di Bogor Barat, udah 4 jam PLN kemana
pengaduan|listrik|id|trafo depan gang dengung terus dan listrik turun naik
pengaduan|kabel|id|kabel fiber ngejuntai rendah di jl bangbarung nyangkut truk
permintaan_informasi|wisata|id|tiket masuk museum zoologi berapa ya?
aspirasi|angkutan_umum|id|coba ada bus sekolah gratis di bogor, pasti macet berkurang
aspirasi|taman|id|usul dong taman di Bogor Timur diperbanyak, anak2 ga punya tempat main
aspirasi|kemacetan|id|saran saya bikin jalur sepeda di Pajajaran
aspirasi|trotoar|id-su|alus mun trotoar Dewi Sartika dilebarkan, biar enak jalan kaki
aspirasi|-|su|Mugi aya perpustakaan di unggal kelurahan
aspirasi|kebersihan|id|alangkah baiknya kalau tiap RW dikasih bank sampah
aspirasi|kemacetan|en|It would be great to have a pedestrian crossing near the mall
apresiasi|jalan_berlubang|id|makasih pak, jalan depan rumah udah diaspal mulus
apresiasi|pju_mati|id-su|hatur nuhun dishub, lampu gang udah nyala lagi, cepet pisan
apresiasi|kesehatan|id|pelayanan puskesmas Merdeka ramah banget, dokternya sabar
apresiasi|adminduk|id|Salut buat petugas disdukcapil, 15 menit beres
apresiasi|taman|en|Love the new park, well done Bogor!
apresiasi|kebersihan|su|Nuhun pa, runtah di Ciheuleut tos diangkut
apresiasi|kebakaran|id|terimakasih damkar yang udah sigap padamin api semalam, semua selamat
cek_hoaks|banjir_longsor|id|bener gak sih bendungan katulampa jebol? rame di grup WA
cek_hoaks|bansos_pmks|id|ada link daftar bansos 600rb lewat wa, ini asli atau penipuan?
cek_hoaks|-|id-su|cenah walikota tutup usia, leres teu min?
cek_hoaks|sekolah|id|katanya besok sekolah diliburkan karena gempa, itu hoax bukan
cek_hoaks|kriminalitas|id|beredar pesan ada penculikan anak di Bogor, apakah valid?
cek_hoaks|-|en|Is it true that the city will be locked down next week? I saw it on WhatsApp
spam|-|id|Butuh dana cepat? Pinjaman tanpa agunan cair hari ini WA 0812xxxx
spam|-|id|SLOT GACOR hari ini bonus new member 100%
spam|-|id|jual kaos bola murah ready stock cek bio kak
spam|-|id|yuk gabung bisnis online penghasilan jutaan per hari modal hp doang
spam|-|en|Earn $500 daily from home!! Click the link in bio
spam|-|id|Jasa sedot WC Bogor murah 24 jam hubungi 08xx
spam|-|id|Promo kuliner! Ayam geprek buy 1 get 1 cabang Pajajaran
spam|-|id|Dijual rumah di Bogor Nirwana 2 lantai SHM nego
bukan_aduan|-|id|selamat pagi wargi bogor, semangat senin!
bukan_aduan|-|id|wkwkwk bisa aja lu min
bukan_aduan|-|id|hujan2 gini enaknya makan asinan bogor
bukan_aduan|-|su|Persib meunang euy, bungah pisan
bukan_aduan|-|id|pak walikota ganteng bgt sih hari ini
bukan_aduan|-|id|OTW bogor, kangen rumah
bukan_aduan|-|id|Terima kasih atas laporannya, sudah kami teruskan ke Dinas PUPR
bukan_aduan|pju_mati|id|Tim URC PJU Dishub melaksanakan perbaikan lampu di Jl. Sawojajar malam ini
bukan_aduan|-|id|siap 86 komandan
bukan_aduan|-|id|info dong resto enak deket stasiun
bukan_aduan|-|id|@temen liat nih rumah mantan gue
bukan_aduan|-|en|good night everyone
bukan_aduan|-|jv|sugeng enjing sedulur kabeh, mugi sehat
pengaduan|-|id|percuma lapor, ga pernah ditanggapi
pengaduan|-|id|nomor call center ga diangkat2
pengaduan|banjir_longsor|id|Keren banget Bogor, tiap ujan dapet kolam renang gratis di depan rumah
pengaduan|jalan_berlubang|id|mantap jalannya, serasa offroad tiap hari, terima kasih pemkot
pengaduan|kemacetan|id|makasih loh macetnya, bikin pinter sabar
pengaduan|jalan_berlubang|id|jln rsk prh
pengaduan|kebersihan|id|bau sampah
pengaduan|pju_mati|id|gelap
pengaduan|air_minum|id|air mati woy
pengaduan|pju_mati,jalan_berlubang|id|udah jalannya bolong, lampunya mati pula di Cilebut arah kota
pengaduan|pkl,kemacetan|id|pedagang tumpah ke jalan di pasar gembrong sukasari, macet tiap pagi
pengaduan|kabel,pohon_tumbang|id|dahan patah nyangkut di kabel telkom depan masjid
bukan_aduan|-|id|macet gini mati gaya deh di jalan
bukan_aduan|-|id|kebakaran jenggot dia baca komentar gue
pengaduan|ketertiban|id|knalpot brong tiap malem minggu di Pajajaran bikin jantungan
pengaduan|banjir_longsor|id|jangan nunggu ada korban dulu baru tebingnya dibenerin pak
pengaduan|sekolah|id|banjir tugas mulu dari sekolah anak saya stress
bukan_aduan|kebakaran|id|pelatihan pemadaman kebakaran bagi warga RW 02 berjalan lancar
pengaduan|pohon_tumbang|id|pohon tumbang kemarin di Gg Ardio belum dibersihin batangnya
permintaan_informasi|kebakaran|id|nomor damkar bogor berapa ya buat jaga2
darurat|kesehatan|id|ada orang pingsan di halte depan BTM kejang2 tolong ambulan
darurat|kesehatan|id-su|bapa saya sesek napas teu bisa ngomong, butuh ambulan gancang
darurat|-|id|ada bocah kelelep di setu gede, blm ketemu
darurat|-|id|mobil nyungsep ke kali cisadane ada orangnya
darurat|-|id|tabrakan beruntun di exit tol bogor, ada yg ga sadar
darurat|-|jv|Tulung, ana wong kecemplung sumur neng mburi mesjid
darurat|kabel|id|kabel listrik putus nyetrum di genangan depan sekolah
darurat|kebakaran|id|bau gas kenceng banget di kontrakan, takut meledak
darurat|kriminalitas|id|Tawuran pelajar di Jl Pahlawan bawa sajam, serem
darurat|-|en|Someone just collapsed at the museum entrance, he is not breathing
pengaduan|pju_mati|id|Gg. Mantarena poek, lampu ga nyala dari minggu lalu
pengaduan|pju_mati|id|jl cipaku mati total 2 hari ini, rawan begal
pengaduan|pju_mati|su|Punten, lampu di payuneun bumi abdi tos lami pareum
pengaduan|pju_mati|id-su|jalan ke arah Rancamaya poek kitu euy, lampunya pada mati
pengaduan|pju_mati|en|It is so dark on our street, the lamps haven't worked for weeks
pengaduan|jalan_berlubang|id|jalan ambles di depan indomaret cilendek, ban saya pecah
pengaduan|jalan_berlubang|id|Kapan Jl. Cibogor diperbaiki? Rusaknya udah kayak kali kering
pengaduan|jalan_berlubang|id-su|jalan ka Genteng ancur kieu, pak wali teu ningali meureun
pengaduan|jalan_berlubang|su|Jalan di kampung abdi barolong, hese pisan ngaliwat
pengaduan|jalan_berlubang|id|speedbump ketinggian, mobil pada gasruk di Villa Duta
pengaduan|trotoar|id|tutup lubang di trotoar pajajaran hilang, bahaya klo malem
pengaduan|trotoar|id|pedestrian pecah2 depan SMPN 1, tolong dibenahi
pengaduan|saluran_mampet|id|parit belakang pasar penuh lumpur airnya ga ngalir
pengaduan|saluran_mampet|su|Susukan di tukangeun sakola pinuh ku runtah, caina teu ngalir
pengaduan|banjir_longsor|id|hujan sejam aja Jl. Kresna udah jadi sungai
pengaduan|banjir_longsor|en|Our street floods every time it rains, nobody does anything
darurat|banjir_longsor|su|Gawat! taneuh di tukangeun imah longsor, pun bapa katutupan
darurat|banjir_longsor|id|rumah kami kebanjiran sedada, ada bayi, tolong evakuasi
darurat|pohon_tumbang|id|angin kenceng, pohon roboh nutup jalan veteran ga bisa lewat sama sekali
pengaduan|pohon_tumbang|id|pohon depan rumah saya condong ke kabel, mohon ditebang
darurat|kebakaran|id|rumah kebakar di gg pesantren RT 2, pemadam belom dateng
darurat|kebakaran|id|asap item ngebul dari lantai 3 ruko Bangbarung
darurat|kebakaran|jv|omah tanggaku kobong, tulung damkar cepet
pengaduan|kebersihan|id|orang2 buang sampah sembarangan di jembatan satu duit, tolong pasang CCTV
pengaduan|kebersihan|id|truk sampah ga lewat2 gang kami sejak ganti sopir
pengaduan|kebersihan|su|Kali Cibalok kotor pisan, seueur plastik
pengaduan|kebersihan|id-su|bau runtah na kaciri sampe sini, kumaha ieu pak DLH
pengaduan|air_minum|id|tekanan air lemah bgt tiap pagi di Cimahpar
pengaduan|air_minum|id|udah lapor ke perumda, meteran air masih diputus padahal lunas
pengaduan|air_minum|en|No running water in Tanah Sareal since Monday
pengaduan|air_minum|su|Cai teu ngocor ti enjing, bade wudu ge hese
pengaduan|kemacetan|id|stuck 2 jam di Ciawi menuju bogor, ga ada petugas satupun
pengaduan|kemacetan|id|U-turn depan Lippo bikin antrian panjang tolong ditutup
pengaduan|angkutan_umum|id|supir angkot ngerokok di dalem, pas ditegur malah nyolot
pengaduan|angkutan_umum|id|aplikasi Transpakuan ga update, busnya ga pernah on time
pengaduan|angkutan_umum|id-su|angkot ngetem wae di Jembatan Merah, lila pisan
pengaduan|lampu_lalu_lintas|id|lampu merah perempatan Jambu Dua detiknya ga jalan
pengaduan|lampu_lalu_lintas|id|rambu dilarang parkir di Jl. Dadali ketutup baliho
pengaduan|parkir_liar|id|mobil parkir sembarangan di gang sempit sampe gerobak ga bisa lewat
pengaduan|parkir_liar|id|preman parkir minta 10 ribu di jalan Roda
pengaduan|pkl|id|pedagang jualan di jembatan penyeberangan, ga bisa lewat
pengaduan|pkl|id|tukang gorengan mangkal depan gerbang sekolah, nutup jalan
pengaduan|ketertiban|id|tetangga piara anjing 6 ekor gonggong tiap malam
pengaduan|ketertiban|id|dangdutan hajatan sampe jam 1 pagi, RT diem aja
pengaduan|ketertiban|su|Aya nu gelo di payuneun pasar, sok ngagebugan jalma, mangga ditertibkeun
pengaduan|ketertiban|id|silverman banyak banget di lampu merah Jambu Dua
pengaduan|kriminalitas|id|kaca mobil dipecah di parkiran Puri Begawan, laptop ilang
pengaduan|kriminalitas|en|My bag was snatched near Taman Topi, the police did nothing
wbs|pungli|id|urus surat tanah di kelurahan dimintain sejuta, katanya buat lurah
wbs|pungli|id|saya PNS, atasan saya jual beli jabatan, mohon dirahasiakan
wbs|pungli|id-su|oknum satpol menta jatah ka PKL unggal minggu, tolong ditindak
wbs|pungli|id|Dana BOS sekolah anak saya diduga dikorupsi bendahara
wbs|pungli|id|tes masuk honorer harus setor 30 juta ke orang dalam
pengaduan|adminduk|id|antri dari jam 5 subuh di dukcapil, sampe siang dibilang sistem down
pengaduan|adminduk|id-su|IKD teu bisa diaktipkeun wae, error terus aplikasina
permintaan_informasi|adminduk|id|Kalau KTP hilang lapornya ke mana dulu ya?
permintaan_informasi|adminduk|id|perlu bawa apa aja buat perpanjang kartu kuning sama legalisir KK
permintaan_informasi|adminduk|jv|Nuwun sewu, badhe tanglet, ngurus akta kelahiran teng pundi nggih?
permintaan_informasi|kesehatan|en|Which clinic can give yellow fever vaccines in Bogor?
pengaduan|kesehatan|id|obat darah tinggi di puskesmas kosong terus 2 bulan
pengaduan|kesehatan|su|Dokter di puskesmas sok telat wae, pasien ngantri ti subuh
pengaduan|sekolah|id|anak saya dibully temen sekelas, guru cuma diem
pengaduan|sekolah|id|sekolah jual LKS dan seragam mahal
permintaan_informasi|sekolah|id|syarat pindah sekolah SD dari luar kota apa ya
pengaduan|bansos_pmks|id|ODGJ tidur di depan toko saya, tolong dijemput dinsos
pengaduan|bansos_pmks|id|data DTSEN saya ilang, tadinya dapet BPNT sekarang ngga
permintaan_informasi|bansos_pmks|id|gimana cara ngajuin rutilahu pak?
pengaduan|ketenagakerjaan|id|perusahaan saya ga bayar THR dan ga daftarin bpjs tk
permintaan_informasi|ketenagakerjaan|id|min info loker cleaning service pemkot ada?
pengaduan|perizinan|id|kafe baru di komplek ga ada IMB dan ga izin warga
pengaduan|perizinan|id|tower BTS dibangun tanpa persetujuan warga RW 7
permintaan_informasi|perizinan|id|urus NIB di mall pelayanan publik bisa ga?
permintaan_informasi|pajak_daerah|id|SPPT PBB 2024 belum saya terima, cek dimana?
pengaduan|pasar|id|retribusi kios pasar Jambu Dua naik tapi atap bocor
pengaduan|taman|id|lampu taman sempur pada pecah, bangkunya juga patah
pengaduan|taman|id|rumput lapangan kayumanis tinggi bgt kaya hutan
pengaduan|listrik|id|PLN gimana sih, sehari 3x padam di Cilendek
pengaduan|listrik|en|Power has been out in our block since last night
pengaduan|kabel|id|tiang wifi ditanam depan rumah saya tanpa izin
pengaduan|kabel|id-su|kabel ngarungkun ruwet pisan di Gg Bengkong, bahaya euy
permintaan_informasi|wisata|en|Hi, can I bring food into the botanical garden?
permintaan_informasi|wisata|id|jadwal CGM street festival tanggal berapa min
aspirasi|pju_mati|id|mohon ditambah lampu di jalur pedestrian kebun raya biar aman jogging malam
aspirasi|sekolah|id|pengen deh ada SMA negeri di kecamatan Tanah Sareal bagian utara
aspirasi|-|id|gimana kalau pemkot bikin aplikasi lapor yang ada petanya
aspirasi|taman|su|Hoyong aya lapang futsal di Cipaku kanggo barudak ngora
aspirasi|angkutan_umum|id|semoga trem bogor cepet direalisasikan
aspirasi|trotoar|en|I suggest more benches along the pedestrian path
apresiasi|saluran_mampet|id|alhamdulillah got udah dikeruk, ga banjir lagi, nuhun pak lurah
apresiasi|angkutan_umum|id|sopir biskita tadi baik banget nungguin ibu hamil, top
apresiasi|-|su|Hatur nuhun ka sadaya patugas, gancang pisan responna
apresiasi|pohon_tumbang|id|gercep! pohon tumbang langsung diberesin 30 menit. bravo BPBD
apresiasi|-|jv|Matur nuwun pak camat, dalane saiki wis alus
cek_hoaks|air_minum|id|betulkah air pdam tercemar limbah? tetangga pada heboh
cek_hoaks|-|id|ini akun walikota beneran apa palsu ya, minta transfer
cek_hoaks|kesehatan|id|ada kabar wabah kolera di bogor, bener ga kak?
cek_hoaks|-|su|Cenah bade aya gempa ageung dinten Jumaah, leres kitu?
cek_hoaks|pajak_daerah|id|surat denda pajak lewat WA ini resmi atau tipu2?
spam|-|id|Mau kulit glowing dalam 7 hari? DM kita sekarang kak
spam|-|id|Open trip Bromo 2D1N cuma 350rb, slot terbatas
spam|-|id|cek toko kami kak, gamis original diskon 50%
spam|-|id|Kredit motor DP ringan proses cepat data dijemput, sales Andi
spam|-|en|Best crypto signals, join our telegram group now
spam|-|id|investasi emas untung 20% perminggu dijamin aman
bukan_aduan|-|id|cieee yang baru jadian
bukan_aduan|-|id|gol!!! timnas menang
bukan_aduan|-|id|Dirgahayu Kota Bogor ke 543
bukan_aduan|-|su|Hayu urang ngopi heula di Surken, tiris kieu
bukan_aduan|-|id|Lurah Cibogor menghadiri rapat koordinasi persiapan MTQ tingkat kecamatan
bukan_aduan|-|id|Baik Kak, laporannya sudah kami terima dengan nomor 2310 ya
bukan_aduan|-|id|follow balik dong
bukan_aduan|-|id|semoga pak wali sehat selalu
bukan_aduan|-|en|lol same here bro
bukan_aduan|-|id|gue baru tau rumah lu di Ciomas
pengaduan|-|id|kok komplen saya dihapus?
pengaduan|-|id|admin tidur ya, dari kemarin ga dibales
pengaduan|kebersihan|id|hebat ya DLH, sampah sampe jadi gunung wisata
pengaduan|pju_mati|id|romantis banget jalan malem di Cibuluh, gelap2an, thanks dishub
pengaduan|jalan_berlubang,saluran_mampet|id|got mampet airnya ke jalan, aspal jadi rusak di Merdeka
pengaduan|parkir_liar,kemacetan|id|truk parkir di bahu jalan Tajur, macetnya ampun
pengaduan|kebersihan,ketertiban|id|sampah berserakan plus anak2 nongkrong mabok di taman kencana
pengaduan|air_minum|id|min aer ga ngalir
pengaduan|jalan_berlubang|id|lubang
darurat|kesehatan|id|tolong nenek saya jatoh ga sadar2 di kamar mandi, alamat gg makam
darurat|kesehatan|su|aya nu ngajuru di angkot, butuh bidan ayeuna
darurat|-|id|anak kecil keseret arus di sungai cidepit barusan bgt
darurat|-|id|ada yg mau lompat dari jembatan layang martadinata
darurat|-|id|motor adu banteng sama angkot di Batutulis, darah dimana mana
darurat|kriminalitas|id|minimarket lagi dirampok orang bawa pistol di cimanggu
darurat|kekerasan_anak_perempuan|id|tetangga lagi gebukin istrinya, istrinya teriak2 minta tolong
darurat|-|en|A child is drowning in the river near the bridge, hurry
darurat|listrik|id|trafo meledak di dpn rumah keluar api
darurat|-|id|orang kesetrum di atas tiang ga bisa turun
pengaduan|kesehatan|id|semoga ga ada lagi yang keracunan MBG, tolong diawasi dapurnya
permintaan_informasi|-|id|kalau ada kebakaran telp kemana?
pengaduan|kriminalitas|id|jalur ini rawan begal pak, tolong patroli malam
bukan_aduan|-|id|lagu ini bikin gue tenggelam dalam kenangan
pengaduan|pohon_tumbang|id|banyak pohon rawan tumbang di Semplak, pangkas dong sebelum musim hujan
bukan_aduan|-|id|film kemarin seru, adegan kebakarannya gila
bukan_aduan|kebakaran|id|Simulasi penanggulangan kebakaran di Balai Kota hari ini diikuti 50 pegawai
pengaduan|banjir_longsor|id|dulu pernah longsor disini 2019, sampe skrg ga dibikin tembok penahan
pengaduan|pju_mati|id|tiang lampu di tikungan Cikaret ga pernah nyala, serem banget
pengaduan|pju_mati|su|Peuting-peuting di kampung abdi poek mongkleng, lampu jalanna pareum kabeh
pengaduan|jalan_berlubang|id|jalan alternatif Kertamaya kaya kubangan kerbau
pengaduan|saluran_mampet|id|air comberan balik ke kamar mandi warga gara2 saluran ketutup bangunan
pengaduan|banjir_longsor|id|setiap musim hujan rumah kami jadi langganan genangan, capek ngepel
pengaduan|kebersihan|id|TPS liar muncul lagi di pinggir rel Kebon Pedes
pengaduan|kebersihan|en|people keep dumping rubbish behind our school, it stinks
pengaduan|air_minum|id|sudah 10 hari giliran air cuma jam 1 malam, mata panda semua
pengaduan|kemacetan|id|simpang Pomad tiap sore ga gerak, polisi cuma main hp
pengaduan|angkutan_umum|id|angkot 16 udah jarang, nunggu sampe jamuran
pengaduan|parkir_liar|id|trotoar depan bank jadi lahan parkir mobil karyawan
pengaduan|pkl|id|lapak duren nutupin jalan masuk komplek, dibilangin malah ngamuk
pengaduan|ketertiban|id|bau kandang ayam tetangga ga ketulungan
pengaduan|kriminalitas|id|udah 3x spion mobil saya dicolong di jl Ceremai
wbs|pungli|id|mau nikah disuruh bayar 1 juta sama penghulu KUA, padahal harusnya 600
wbs|pungli|id|staf kecamatan bilang kalo mau cepet ada uang terima kasihnya
pengaduan|adminduk|id|akta kematian bapak udah 2 bulan belum terbit juga
permintaan_informasi|adminduk|id|kalo mau numpang alamat KK saudara perlu apa aja ya min
permintaan_informasi|kesehatan|su|Aya keneh imunisasi di puskesmas dinten Salasa teu, Bu?
permintaan_informasi|sekolah|id|anak saya umur 6 tahun 2 bulan bisa masuk SD ga ya
permintaan_informasi|pajak_daerah|id|pemutihan denda PBB sampai kapan?
pengaduan|kesehatan|id|disuruh beli obat di luar padahal pasien BPJS
pengaduan|bansos_pmks|id|nenek tua sebatang kara di RT kami belum pernah disentuh bantuan
pengaduan|ketenagakerjaan|id|di-PHK sepihak tanpa pesangon, disnaker bisa bantu?
pengaduan|perizinan|id|billboard raksasa di atas rumah warga, siapa yang ngasih izin
pengaduan|listrik|id|listrik anjlok terus tiap malem, AC ga kuat
pengaduan|kabel|id|kabel bekas provider numpuk melilit tiang, kaya sarang burung
aspirasi|taman|id|please dong bikin taman baca di tiap kecamatan
aspirasi|kebersihan|id|menurut saya sebaiknya tong sampah dipilah tiga warna
aspirasi|-|id-su|kumaha mun alun-alun dikasih tempat main anak pak, pasti rame
apresiasi|adminduk|id|urus KTP sekarang cepet banget, makasih disdukcapil
apresiasi|jalan_berlubang|su|Jalan ka Pasir Jaya tos sae, hatur nuhun pisan pa wali
apresiasi|-|en|Thank you so much for the quick help yesterday!
cek_hoaks|kriminalitas|id|serius ada geng motor keliling malam ini? soalnya rame di status WA
cek_hoaks|kesehatan|id|katanya vaksin gratis bikin mandul, bener apa engga sih?
cek_hoaks|bansos_pmks|id|dapet sms menang bantuan pemerintah 10 juta, hoax ya?
spam|-|id|Mau naik haji tanpa antri? hubungi travel kami, kuota terbatas
spam|-|id|Preloved sepatu ori size 42 minat inbox
spam|-|id|modal 50 ribu bisa jadi 5 juta semalam, link ada di profil
bukan_aduan|-|id|udah makan belum min?
bukan_aduan|-|id|gokil view gunung salak pagi ini
bukan_aduan|-|id|Kak Rina ketemuan di Botani jam 4 ya
bukan_aduan|-|id|Camat Bogor Utara bersama Muspika meninjau posko banjir di Bantarjati
bukan_aduan|-|id|Terima kasih kak sudah melapor, tim kami akan cek ke lokasi hari ini
bukan_aduan|-|su|Wilujeng tepang taun, sing panjang yuswa
bukan_aduan|-|id|pengen pindah ke bogor deh, adem
pengaduan|-|id|dari tahun kemarin lapor ga ada kabarnya
pengaduan|banjir_longsor|id|asik dapet wahana air gratis tiap hujan di depan kelurahan
pengaduan|jalan_berlubang,pju_mati|id|Jl. Raden Kosasih berlubang dan ga ada lampunya
pengaduan|kebersihan,pasar|id|pasar Merdeka becek, sampah ga diangkut, pedagang pada ngeluh
darurat|kebakaran|id|ada api di lantai 2 ruko sebelah apotek, tolong cepet
darurat|kesehatan|id|bapak saya dadanya sakit terus jatuh, ga respon
darurat|banjir_longsor|id|turap ambrol barusan, rumah Pak Udin ikut kebawa
pengaduan|pohon_tumbang|id|pohon mangga kosong rawan patah, tolong ditebang dinas
permintaan_informasi|kebakaran|id|servis APAR di damkar bayar ga?
bukan_aduan|-|id|abis nonton film bencana, merinding
pengaduan|kekerasan_anak_perempuan|id|tetangga sering mukulin anaknya, kami ga tega
pengaduan|sekolah|id|komite sekolah narik iuran perpisahan 750 ribu
""".strip().splitlines()
