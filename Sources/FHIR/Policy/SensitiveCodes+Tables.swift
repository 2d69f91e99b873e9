/// The codes. Not a terminology: what is common and certain, chosen so that nothing is labelled which
/// does not concern the subject. Tobacco is left out: 42 CFR 2.11 does not count it as substance use.
extension SensitiveCodes {
  static let exactSNOMED = exact([
    (
      .substanceUse,
      """
      7200002 15167005 66590003 25702006 8635005 85561006 41309000 420054005 235875008 26416006
      191816009 66214007 361055000 75544000 5602001 6525002 55680006 31956009 78267003 85005007
      37344009 21647008 84758004 64386003 2403008 87132004 417284009 226034001 24165007 413473000
      266707007 60112009 61480009 56876005 20093000 64297001 827094004 310653000 428211000124100
      763302001 868187001 10939881000119105 226138001
      """
    ),
    (
      .mentalHealth,
      """
      370143000 36923009 66344007 35489007 48694002 197480006 21897009 371631005 47505003 80583007
      109006 13746004 58214004 68890003 69322001 74732009 406506008 192127007 35919005 408856003
      191736004 33449004 20010003 72366004 56882008 78004001 78667006 17226007 82313006 6471006
      248062006 231504006 58703003 394587001 394913002 75516001 228557008 10197000 171207006
      454711000124102 715252007 710841007
      """
    ),
    (
      .hiv,
      """
      86406008 62479008 165816005 91947003 52079000 444356002 31676001 171121004 313077009 398329009
      """
    ),
    (
      .reproductive,
      """
      72892002 77386006 19169002 17369002 34801009 398254007 198992004 156073000 79586000 35999006
      47200007 15938005 11687002 424441002 424619006 169762003 183460006 177184002 237001001
      31208007 11466000 287664005 22523008 169553002 301807007 65200003 68254000 46706006 714812005
      57797005 386639001 13197004 5935008 252160004 274804006 225158009 169230002 271442007
      275833003 443529005 66348005 386216000 85548006 700000006 236974004 394698008 8619003 6738008
      2904007 454381000124105 310861008 165829005 269828009
      """
    ),
    (.genetic, "405824009 363779003 190905008 58756001 127040003 443529005"),
  ])

  static let exactLOINC = exact([
    (
      .substanceUse,
      """
      75626-2 72109-2 75624-7 68517-2 68518-0 68519-8 68520-6 82666-9 82667-7 65750-2 11343-1
      11331-6 74013-4 5640-8 5643-2 3426-4 3397-7 3349-8 19295-5 3879-4 89205-9
      """
    ),
    (
      .mentalHealth,
      """
      44249-1 44261-6 44250-9 44251-7 44252-5 44253-3 44254-1 44255-8 44258-2 44259-0 44260-8
      55757-9 55758-7 70274-6 69737-5 69725-0 68509-9 69733-4 69734-2 69735-9 69689-8 69736-7
      71354-5 94023-9 89204-2 73831-0 73832-8 34788-0 34904-3 59259-2
      """
    ),
    (
      .hiv,
      """
      75622-1 56888-1 7918-6 31201-7 68961-2 20447-9 25836-8 29541-0 30361-0 48345-3 58900-2
      5221-7 80387-4
      """
    ),
    (
      .reproductive,
      """
      82810-3 86645-9 11996-6 11636-8 11637-6 8665-2 11778-8 2106-3 2110-5 2118-8 19080-1 21198-7
      76690-7
      """
    ),
    (
      .genetic,
      """
      21636-6 38404-0 51968-6 81247-9 69548-6 48018-6 48004-6 48005-3 81252-9 53037-8 51969-4
      55233-1
      """
    ),
  ])

  /// Ingredients, and the products whose names would also be names of people.
  static let exactRxNorm = exact([
    (.substanceUse, "1819 6813 7243 3554 82819"),
    (
      .mentalHealth,
      """
      4493 36437 32937 2556 321988 39786 15996 6448 51272 61381 35636 89013 2626 5093 1827
      """
    ),
    (.hiv, "276237 195085 1433868 68244 11413 190521 719872"),
    (
      .reproductive,
      """
      6373 6691 4124 6916 42331 7514 14584 11636 1000126 389221 807283 1856546 748856 748879 748962
      749762 751905 757594 831533 978950
      """
    ),
  ])

  /// ICD-10 and ICD-10-CM, without dots.
  static let icd10 = ranges([
    (
      .substanceUse,
      "F10-F16 F18-F19 K70 G312 I426 K292 K860 R780-R785 T40 T51 X42 X45 X62 X65 Y90 Z7141 Z7151"
    ),
    (.substanceUse, "O9931 O9932 P044 P961 Z502-Z503 Z714-Z715"),
    (.mentalHealth, "F20-F99 R45851 R4588 T1491 X60-X84 Z133 Z865 Z915 O906"),
    (.hiv, "B20-B24 B9735 Z21 R75 O987 Z206 Z114 Z717"),
    (.reproductive, "O00-O9A Z30-Z39 Z3A N46 N96-N97 Z640 A50-A64 Z113 Z202"),
    (.genetic, "Z14-Z15 Z137 Z315 Z3143 Z3144 Q90-Q99 E84 D57 G10"),
  ])

  /// ICD-10-PCS: section H is substance abuse treatment, G mental health, 1 obstetrics.
  static let icd10Procedures = ranges([
    (.substanceUse, "HZ"), (.mentalHealth, "GZ"), (.reproductive, "10"),
  ])

  static let icd9 = ranges([
    (.substanceUse, "291-292 303-304 3050 3052-3059 5710-5713 V6542"),
    (.mentalHealth, "295-302 306-314 V628"),
    (.hiv, "042 V08 79571"),
    (.reproductive, "630-679 V22-V28 628 606"),
    (.genetic, "V83-V84 758 2770 2826"),
  ])

  /// CPT and HCPCS.
  static let procedureTerminology = ranges([
    (.substanceUse, "80305-80307 80320-80377 99408-99409 G0396-G0397 G2067-G2088 H0001 H0003"),
    (.substanceUse, "H0005-H0016 H0020-H0022 H0047 H0050 J0571-J0575 J2315 T1006-T1012"),
    (.mentalHealth, "90785-90899 96127 96130-96146 G0444 H0002 H0004 H0017-H0019 H0031-H0040"),
    (.hiv, "86689 86701-86703 87389-87391 87534-87539 87806 G0432-G0435 S3645"),
    (
      .reproductive, "58300-58301 58600-58615 58970-58976 59000-59899 55250 11976 76801-76828"
    ),
    (.reproductive, "81025 84702-84703 J1050 J7296-J7301 J7303-J7307 S0190-S0191 S4993"),
    (.genetic, "81105-81479 81507 81518-81599 88230-88299 96040 S0265 S3800-S3870"),
  ])

  static let words = exact([
    (
      .substanceUse,
      """
      alcoholism overdose addiction detoxification cocaine heroin methamphetamine methadone
      buprenorphine suboxone sublocade naltrexone vivitrol disulfiram acamprosate audit-c dast-10
      dast crafft
      """
    ),
    (
      .mentalHealth,
      """
      depressive anxiety schizophrenia schizoaffective bipolar psychosis psychotic psychiatric
      psychiatry psychotherapy ptsd suicidal suicide bulimia phq-9 phq-2 gad-7 antidepressant
      antipsychotic fluoxetine sertraline paroxetine citalopram escitalopram venlafaxine
      desvenlafaxine mirtazapine lithium quetiapine olanzapine risperidone aripiprazole clozapine
      haloperidol ziprasidone lurasidone paliperidone buspirone
      """
    ),
    (
      .hiv,
      """
      hiv hiv-1 hiv-2 hiv1 hiv2 antiretroviral emtricitabine efavirenz dolutegravir bictegravir
      raltegravir darunavir atazanavir lamivudine zidovudine abacavir rilpivirine cabotegravir
      truvada descovy biktarvy genvoya atripla
      """
    ),
    (
      .reproductive,
      """
      pregnancy pregnant prenatal antenatal postpartum miscarriage contraceptive contraception
      abortion obstetric obstetrics intrauterine vasectomy infertility fetal levonorgestrel
      etonogestrel norethindrone drospirenone medroxyprogesterone mifepristone misoprostol
      norgestimate desogestrel ulipristal chlamydia gonorrhea gonorrhoeae syphilis
      """
    ),
    (
      .genetic,
      "genotype genotyping genetic genetics genomic karyotype brca1 brca2 mutation huntington"
    ),
  ])

  private static func exact(_ lines: [(SensitivityLabel, String)]) -> [String: Labels] {
    var table: [String: Labels] = [:]
    for (label, codes) in lines {
      for code in codes.split(whereSeparator: \.isWhitespace) {
        table[String(code), default: Labels()].insert(label)
      }
    }
    return table
  }

  private static func ranges(_ lines: [(SensitivityLabel, String)]) -> [CodeRange] {
    lines.flatMap { label, text in text.split(separator: " ").map { CodeRange($0, label) } }
  }
}
