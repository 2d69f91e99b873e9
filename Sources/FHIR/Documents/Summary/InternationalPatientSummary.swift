public import Primitives

/// Makes an International Patient Summary (HL7 IPS 2.0.0, `Patient/$summary`) of the records of a chart.
///
/// Records come one after the other through `consider`, in any order; no more of them are kept than the
/// sections list. Then `wanted` names what these refer to, in rounds, and `supply` takes what there is
/// of it. The same records give the same bytes, and a record that was never handed over leaves no
/// trace. `docs/design/documents.md` states the rules of selection.
public struct InternationalPatientSummary: Sendable {
  /// The profile of the Composition, without its version.
  public static let profile = "http://hl7.org/fhir/uv/ips/StructureDefinition/Composition-uv-ips"
  static let bundleProfile = "http://hl7.org/fhir/uv/ips/StructureDefinition/Bundle-uv-ips"
  /// The version of the guide.
  public static let version = "2.0.0"

  /// The types of records that sections are made of; others need not be handed over.
  public static let types = [
    "AllergyIntolerance", "CarePlan", "Condition", "Consent", "Device", "DeviceUseStatement",
    "DiagnosticReport", "DocumentReference", "Flag", "Immunization", "List", "MedicationRequest",
    "MedicationStatement", "Observation", "Procedure",
  ]

  /// What is included because a record refers to it.
  private static let supporting: Set<String> = [
    "Device", "ImagingStudy", "Location", "Medication", "Organization", "Practitioner",
    "PractitionerRole", "Specimen",
  ]
  /// More records than this are not asked for.
  private static let mostSupporting = 1000
  /// More bytes than this are not kept.
  private static let mostBytes = 64 << 20

  let frame: DocumentFrame
  let author: SummaryAuthor
  let patient: Resource
  let patientTarget: ReferenceTarget
  private(set) var lists: [SummarySection: SummaryList] = [:]
  private(set) var emptyReasons: [SummarySection: SummaryEmptyReason] = [:]
  private(set) var supplied: [ReferenceTarget: Resource] = [:]
  private var asked: Set<ReferenceTarget> = []
  private var bytes: Int

  /// - Throws: `invalid` for what is no stored Patient.
  public init(
    of patient: Resource, frame: DocumentFrame, author: SummaryAuthor
  ) throws(PeerChartError) {
    guard patient.type == "Patient", let target = patient.target else {
      throw PeerChartError(.invalid, "a summary is made of the chart of a Patient")
    }
    self.frame = frame
    self.author = author
    self.patient = patient
    patientTarget = target
    bytes = patient.root.range.count
  }

  /// Looks whether a record belongs into the summary.
  ///
  /// - Returns: the records that are not (or no longer) part of it.
  /// - Throws: `too-large` where the summary would hold too much.
  public mutating func consider(_ record: Resource) throws(PeerChartError) -> [ReferenceTarget] {
    guard let target = record.target else { return [] }
    guard isOfPatient(record) else { return [target] }
    if record.type == "List" { return considerList(record, target) }
    guard let candidate = SummaryCandidate(record) else { return [target] }
    try count(record)
    guard
      let dropped = lists[candidate.section, default: SummaryList(candidate.section)].add(candidate)
    else { return [] }
    bytes -= dropped.record.root.range.count
    return [dropped.target]
  }

  private mutating func considerList(
    _ list: Resource, _ target: ReferenceTarget
  ) -> [ReferenceTarget] {
    guard let reason = SummaryEmptyReason(list, target) else { return [target] }
    guard let known = emptyReasons[reason.section] else {
      emptyReasons[reason.section] = reason
      return []
    }
    guard reason.precedes(known) else { return [target] }
    emptyReasons[reason.section] = reason
    return [known.list]
  }

  private mutating func count(_ record: Resource) throws(PeerChartError) {
    bytes += record.root.range.count
    guard bytes <= Self.mostBytes else {
      throw PeerChartError(
        .tooLarge, "the summary would be larger than \(Self.mostBytes >> 20) MB")
    }
  }

  /// Whether it is a record of this patient, rather than one in which the patient has a part.
  private func isOfPatient(_ record: Resource) -> Bool {
    PatientCompartment.patients(of: record).first.map {
      $0.type == "Patient" && $0.id == patientTarget.id
    } ?? false
  }

  // MARK: What the records refer to

  /// The records to ask for next, each once; empty when there is nothing left to ask.
  public mutating func wanted() -> [ReferenceTarget] {
    let listed = settledLists.flatMap(\.listed).map(\.record)
    let known = Set(listed.compactMap(\.target)).union([patientTarget])
    var round: Set<ReferenceTarget> = []
    for record in [patient] + listed + Array(supplied.values) {
      for target in record.localTargets(base: frame.base)
      where Self.isWanted(target, by: record) && !known.contains(target) {
        round.insert(target)
      }
    }
    let sorted = round.subtracting(asked).sorted { ($0.type, $0.id) < ($1.type, $1.id) }
      .prefix(max(0, Self.mostSupporting - asked.count))
    asked.formUnion(sorted)
    return Array(sorted)
  }

  private static func isWanted(_ target: ReferenceTarget, by record: Resource) -> Bool {
    supporting.contains(target.type)
      || target.type == "Observation" && ["DiagnosticReport", "Observation"].contains(record.type)
  }

  /// Adds a record that was asked for. What is about another patient is not taken.
  ///
  /// - Throws: `too-large` where the summary would hold too much.
  public mutating func supply(_ record: Resource) throws(PeerChartError) {
    guard let target = record.target, asked.contains(target), supplied[target] == nil,
      PatientCompartment.patients(of: record).isEmpty || isOfPatient(record),
      record.type != "Observation" || SummaryPlace.isResult(record.root)
    else { return }
    try count(record)
    supplied[target] = record
  }

  // MARK: The document

  /// The lists of the sections, in their order, as they are written.
  var settledLists: [SummaryList] {
    SummarySection.allCases.map { (lists[$0] ?? SummaryList($0)).settled() }
  }

  /// The records that the document is made of.
  public var sources: Set<ReferenceTarget> {
    Set(settledLists.flatMap(\.listed).map(\.target))
      .union(supplied.keys).union([patientTarget])
      .union(usedEmptyReasons.map(\.list))
  }

  /// What lists say about sections in which there is nothing else.
  private var usedEmptyReasons: [SummaryEmptyReason] {
    settledLists.filter(\.listed.isEmpty).compactMap { emptyReasons[$0.section] }
  }

  /// The document.
  public func bundle() -> [UInt8] {
    var entries = DocumentEntries(frame)
    let composition = SummaryComposition(self)
    entries.append(made: composition.json, as: "urn:uuid:\(composition.id)")
    entries.append(patient, edits: SummaryPatient.edits(patient))
    entries.append(made: composition.device, as: composition.deviceURL)
    entries.append(made: composition.organization, as: composition.organizationURL)
    for list in settledLists {
      for candidate in list.listed { entries.append(candidate.record) }
    }
    for use in composition.deviceUses { entries.append(made: use.json, as: "urn:uuid:\(use.id)") }
    for record in supplied.sorted(by: { ($0.key.type, $0.key.id) < ($1.key.type, $1.key.id) }) {
      entries.append(record.value)
    }
    return entries.bundle(meta: [("profile", .array([.string(Self.versioned(Self.bundleProfile))]))]
    )
  }

  static func versioned(_ profile: String) -> String { "\(profile)|\(version)" }
}
