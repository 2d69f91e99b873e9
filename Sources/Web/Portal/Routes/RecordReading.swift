import Exchange
import FHIR

/// What a record says, as far as a page for people shows it.
struct RecordReading {
  private let resource: Resource
  private let id: String

  /// - Throws: for a deleted version, and for bytes that are no resource.
  init(_ released: ReleasedResource) throws {
    id = released.id
    resource = try Resource(parsing: released.json)
  }

  init(_ record: ChartRecord) throws {
    id = record.id
    resource = try Resource(parsing: record.json)
  }

  private var root: JSONValue { resource.root }

  var type: RecordType { RecordType(of: resource) }

  var labels: [String] {
    let labels = SensitivityLabel.labels(of: resource)
    return SensitivityLabel.allCases.filter(labels.contains).map(\.rawValue)
  }

  var row: RecordRow {
    RecordRow(
      type: resource.type, id: id, kind: type.rawValue, title: title,
      detail: value ?? ClinicalText.code(root["clinicalStatus"])
        ?? ClinicalText.code(root["status"]),
      date: date)
  }

  var title: String? {
    for name in Self.titles {
      if let found = ClinicalText.concept(root[name]) { return found }
    }
    if let name = root["name"] {
      return name.kind == .array
        ? name.elements.lazy.compactMap(ClinicalText.personName).first
        : ClinicalText.nonEmpty(name)
    }
    return ClinicalText.nonEmpty(root["title"]) ?? ClinicalText.nonEmpty(root["description"])
      ?? ClinicalText.concepts(root["category"])
      ?? root["type"]?.elements.lazy.compactMap { ClinicalText.concept($0) }.first
  }

  private static let titles = [
    "code", "medicationCodeableConcept", "vaccineCode", "deviceName", "class", "type",
  ]

  var birthDate: String? { ClinicalText.date(root["birthDate"]) }

  var value: String? {
    ClinicalText.choice(root, "value") ?? ClinicalText.dosages(root["dosageInstruction"])
  }

  /// When it happened, else when it was written down.
  var date: String? {
    for name in ["effective", "onset", "performed", "occurrence", "recorded", "serviced"] {
      if let found = ClinicalText.choice(root, name) { return found }
    }
    for name in ["authoredOn", "recordedDate", "issued", "date", "created", "sent"] {
      if let found = ClinicalText.date(root[name]) { return found }
    }
    return ClinicalText.date(root["period"]?["start"])
      ?? ClinicalText.date(root["billablePeriod"]?["start"])
  }

  var facts: [(word: String, value: String)] {
    let reaction = root["reaction"]?.elements.lazy
      .compactMap { ClinicalText.concepts($0["manifestation"]) }.first
    let facts: [(String, String?)] = [
      ("status", ClinicalText.code(root["clinicalStatus"]) ?? ClinicalText.code(root["status"])),
      ("birth", ClinicalText.date(root["birthDate"])),
      ("gender", ClinicalText.code(root["gender"])),
      ("category", ClinicalText.concepts(root["category"])), ("code", code),
      ("dosage", ClinicalText.dosages(root["dosageInstruction"])),
      ("interpretation", ClinicalText.concepts(root["interpretation"])),
      (
        "range",
        root["referenceRange"]?.elements.lazy.compactMap {
          ClinicalText.nonEmpty($0["text"]) ?? ClinicalText.range($0)
        }.first
      ),
      ("parts", parts), ("reaction", reaction),
      ("severity", ClinicalText.concept(root["severity"])),
      ("onset", ClinicalText.choice(root, "onset")),
      ("end", ClinicalText.choice(root, "abatement")),
      ("reason", ClinicalText.concepts(root["reasonCode"])), ("author", source),
      ("conclusion", ClinicalText.nonEmpty(root["conclusion"])),
      ("note", root["note"]?.elements.lazy.compactMap { ClinicalText.nonEmpty($0["text"]) }.first),
    ]
    return facts.compactMap { word, value in value.map { (word, $0) } }
  }

  private var code: String? {
    let concept = root["code"] ?? root["medicationCodeableConcept"] ?? root["vaccineCode"]
    return concept?["coding"]?.elements.lazy.compactMap { coding in
      ClinicalText.nonEmpty(coding["code"])
    }.first
  }

  private var parts: String? {
    guard let components = root["component"] else { return nil }
    return ClinicalText.joined(
      components.elements.prefix(12).map { component in
        ClinicalText.joined(
          [ClinicalText.concept(component["code"]), ClinicalText.choice(component, "value")], ": ")
      }, "; ")
  }

  /// Who recorded it, by the name in the reference.
  var source: String? {
    for name in ["performer", "recorder", "requester", "asserter", "author", "custodian"] {
      guard let value = root[name] else { continue }
      let display =
        value.kind == .array
        ? value.elements.lazy.compactMap {
          ClinicalText.nonEmpty($0["display"]) ?? ClinicalText.nonEmpty($0["actor"]?["display"])
        }.first : ClinicalText.nonEmpty(value["display"])
      if let display { return display }
    }
    return ClinicalText.nonEmpty(root["meta"]?["source"])
  }
}
