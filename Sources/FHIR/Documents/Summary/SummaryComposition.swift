import Primitives

/// The Composition of a summary and what is made with it: the author, the custodian, statements of the
/// use of devices.
struct SummaryComposition {
  let id: String
  let deviceURL: String
  let organizationURL: String
  let device: [UInt8]
  let organization: [UInt8]
  let deviceUses: [SummaryDeviceUse]
  let json: [UInt8]

  init(_ summary: InternationalPatientSummary) {
    let frame = summary.frame
    id = frame.madeID("Composition")
    let deviceID = frame.madeID("Device")
    let organizationID = frame.madeID("Organization")
    deviceURL = "urn:uuid:\(deviceID)"
    organizationURL = "urn:uuid:\(organizationID)"
    organization = summary.author.organization(id: organizationID)
    device = summary.author.device(id: deviceID, owner: organizationURL)
    let patientURL = frame.fullURL(summary.patientTarget)
    let lists = summary.settledLists
    let uses = Self.deviceUses(lists, frame, patient: patientURL)
    deviceUses = uses.sorted { $0.key.id < $1.key.id }.map(\.value)
    let sections = lists.filter { $0.section.isRequired || !$0.listed.isEmpty }
    let records = lists.flatMap(\.listed).map(\.record) + Array(summary.supplied.values)
    let isSensitive = records.contains { !SensitivityLabel.labels(of: $0).isEmpty }
    json =
      JSONTree.object([
        ("resourceType", "Composition"),
        ("id", .string(id)),
        (
          "meta",
          [
            "profile": [
              .string(InternationalPatientSummary.versioned(InternationalPatientSummary.profile))
            ]
          ]
        ),
        ("language", "en"),
        ("text", Self.overview(summary, sections)),
        (
          "identifier",
          ["system": "urn:ietf:rfc:3986", "value": .string("urn:uuid:\(id)")]
        ),
        ("status", "final"),
        (
          "type",
          [
            "coding": [
              [
                "system": "http://loinc.org", "code": "60591-5",
                "display": "Patient summary Document",
              ]
            ]
          ]
        ),
        ("subject", ["reference": .string(patientURL)]),
        ("date", .string(frame.date.description)),
        ("author", [["reference": .string(deviceURL)]]),
        ("title", "International Patient Summary"),
        ("confidentiality", .string(isSensitive ? "R" : "N")),
        ("custodian", ["reference": .string(organizationURL)]),
        (
          "event",
          [
            [
              "code": [
                [
                  "coding": [
                    [
                      "system": "http://terminology.hl7.org/CodeSystem/v3-ActClass", "code": "PCPR",
                    ]
                  ]
                ]
              ],
              "period": ["end": .string(frame.date.description)],
            ]
          ]
        ),
        (
          "section",
          .array(
            sections.map { list in
              SummarySectionWriter(summary: summary, list: list, deviceUses: uses).tree
            })
        ),
      ]).serialized()
  }

  /// Statements for the listed Devices that no listed statement is about.
  private static func deviceUses(
    _ lists: [SummaryList], _ frame: DocumentFrame, patient: String
  ) -> [ReferenceTarget: SummaryDeviceUse] {
    let listed = lists.first { $0.section == .devices }?.listed ?? []
    let stated = Set(
      listed.filter { $0.target.type == "DeviceUseStatement" }
        .flatMap { $0.record.localTargets(base: frame.base) })
    var uses: [ReferenceTarget: SummaryDeviceUse] = [:]
    for candidate in listed
    where candidate.target.type == "Device" && !stated.contains(candidate.target) {
      uses[candidate.target] = SummaryDeviceUse(
        of: candidate.target, patient: patient, frame: frame)
    }
    return uses
  }

  /// The narrative of the document as a whole.
  private static func overview(
    _ summary: InternationalPatientSummary, _ sections: [SummaryList]
  ) -> JSONTree {
    let root = summary.patient.root
    var writer = NarrativeWriter()
    let names = root["name"].map { Array($0.elements) } ?? []
    let current = names.filter { ["official", "usual"].contains($0["use"]?.string) }
    writer.heading("International Patient Summary")
    writer.table(
      ["Patient", "Born", "Gender"],
      rows: [
        [
          (current + names).lazy.compactMap(ClinicalText.personName).first ?? "name not known",
          ClinicalText.date(root["birthDate"]) ?? "not known",
          ClinicalText.code(root["gender"]) ?? "not known",
        ]
      ])
    writer.paragraph(
      "Put together by \(SummaryAuthor.software) for \(summary.author.name) at "
        + "\(summary.frame.date), without review by a person.")
    writer.paragraph(
      "It holds what whoever asked for it may read of the records of \(summary.author.name). Other "
        + "records may exist there or elsewhere.")
    writer.list(
      sections.map { list in
        let count = list.listed.isEmpty ? "nothing recorded" : "\(list.listed.count)"
        return "\(list.section.title): \(count)"
      })
    return writer.narrative
  }
}
