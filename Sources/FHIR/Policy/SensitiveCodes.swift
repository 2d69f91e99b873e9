/// Finds the sensitivity labels that follow from clinical codes, in one pass over a resource.
enum SensitiveCodes {
  /// A set of labels in a byte.
  struct Labels: Hashable {
    private(set) var bits: UInt8 = 0

    init(_ labels: SensitivityLabel...) { for label in labels { insert(label) } }

    mutating func insert(_ label: SensitivityLabel) { bits |= 1 << Self.place(label) }

    mutating func formUnion(_ other: Labels) { bits |= other.bits }

    var set: Set<SensitivityLabel> {
      bits == 0 ? [] : Set(SensitivityLabel.allCases.filter { bits & 1 << Self.place($0) != 0 })
    }

    private static func place(_ label: SensitivityLabel) -> UInt8 {
      switch label {
      case .substanceUse: 0
      case .mentalHealth: 1
      case .hiv: 2
      case .reproductive: 3
      case .genetic: 4
      }
    }
  }

  /// Adds the labels of every coding, display and text below a value.
  static func scan(_ value: JSONValue, into found: inout Labels) {
    switch value.kind {
    case .array: for element in value.elements { scan(element, into: &found) }
    case .object:
      var system: JSONValue?
      var code: JSONValue?
      let storage = value.storage
      var members = value.members.makeIterator()
      while let index = members.nextNameIndex() {
        let child = JSONValue(storage: storage, index: index + 1)
        switch child.kind {
        case .object, .array: scan(child, into: &found)
        case .string:
          let name = storage.tape[index]
          if storage.node(name, spells: "system") {
            system = child
          } else if storage.node(name, spells: "code") {
            code = child
          } else if storage.node(name, spells: "display") || storage.node(name, spells: "text") {
            found.formUnion(labels(ofWordsIn: child))
          }
        default: break
        }
      }
      if let code = code?.string, let system = system?.string {
        found.formUnion(labels(of: code, system))
      }
    default: break
    }
  }

  /// The labels of one code.
  static func labels(of code: String, _ system: String) -> Labels {
    switch ClinicalCodeSystem(url: system) {
    case .snomed: exactSNOMED[code] ?? Labels()
    case .loinc: exactLOINC[code] ?? Labels()
    case .rxNorm: exactRxNorm[code] ?? Labels()
    case .icd10: byRange(icd10, normalized(code))
    case .icd10Procedures: byRange(icd10Procedures, normalized(code))
    case .icd9: byRange(icd9, normalized(code))
    case .procedureTerminology: byRange(procedureTerminology, normalized(code))
    case .diagnosticService: code == "GE" || code == "CG" ? Labels(.genetic) : Labels()
    case nil: Labels()
    }
  }

  /// The labels of the words of a display, where a word says it beyond doubt. This is what catches
  /// drugs, whose RxNorm and NDC products are too many to list, and local codes.
  private static func labels(ofWordsIn text: JSONValue) -> Labels {
    let node = text.node
    let content = text.storage.bytes[node.content]
    return node.isEscaped
      ? labels(ofWords: JSONText.unescape(content)[...]) : labels(ofWords: content)
  }

  private static func labels(ofWords text: ArraySlice<UInt8>) -> Labels {
    var found = Labels()
    var word: [UInt8] = []
    word.reserveCapacity(64)
    for byte in text.prefix(1024) {
      switch byte {
      case 0x61...0x7A, 0x30...0x39, 0x2D: word.append(byte)
      case 0x41...0x5A: word.append(byte | 0x20)
      default: look(up: &word, &found)
      }
    }
    look(up: &word, &found)
    return found
  }

  private static func look(up word: inout [UInt8], _ found: inout Labels) {
    if word.count >= 3, word.count <= 24, beginnings.contains(beginning(of: word)),
      let labels = words[String(decoding: word, as: UTF8.self)]
    {
      found.formUnion(labels)
    }
    word.removeAll(keepingCapacity: true)
  }

  /// The first three letters of every listed word: few words of a display get past them, and only
  /// for those is a string made.
  private static let beginnings = Set(words.keys.map { beginning(of: Array($0.utf8)) })

  private static func beginning(of word: [UInt8]) -> UInt32 {
    word.prefix(3).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// ICD codes are sent with and without their dot.
  private static func normalized(_ code: String) -> String {
    code.uppercased().filter { $0 != "." }
  }

  /// A code is in a range if, cut to the length of each end, it lies between them.
  private static func byRange(_ ranges: [CodeRange], _ code: String) -> Labels {
    var found = Labels()
    for range in ranges where range.contains(code) { found.insert(range.label) }
    return found
  }
}

/// The code systems in which sensitive codes are known, by the names in use for them.
enum ClinicalCodeSystem {
  case snomed, loinc, rxNorm, icd10, icd10Procedures, icd9, procedureTerminology
  /// HL7 v2 table 0074, which has genetics among the laboratory's services.
  case diagnosticService

  init?(url: String) {
    guard let known = Self.byURL[url] else { return nil }
    self = known
  }

  private static let byURL: [String: ClinicalCodeSystem] = [
    "http://snomed.info/sct": .snomed,
    "urn:oid:2.16.840.1.113883.6.96": .snomed,
    "http://loinc.org": .loinc,
    "urn:oid:2.16.840.1.113883.6.1": .loinc,
    "http://www.nlm.nih.gov/research/umls/rxnorm": .rxNorm,
    "urn:oid:2.16.840.1.113883.6.88": .rxNorm,
    "http://hl7.org/fhir/sid/icd-10-cm": .icd10,
    "http://hl7.org/fhir/sid/icd-10": .icd10,
    "urn:oid:2.16.840.1.113883.6.90": .icd10,
    "urn:oid:2.16.840.1.113883.6.3": .icd10,
    "http://www.cms.gov/Medicare/Coding/ICD10": .icd10Procedures,
    "http://hl7.org/fhir/sid/icd-10-pcs": .icd10Procedures,
    "urn:oid:2.16.840.1.113883.6.4": .icd10Procedures,
    "http://hl7.org/fhir/sid/icd-9-cm": .icd9,
    "urn:oid:2.16.840.1.113883.6.103": .icd9,
    "http://www.ama-assn.org/go/cpt": .procedureTerminology,
    "urn:oid:2.16.840.1.113883.6.12": .procedureTerminology,
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": .procedureTerminology,
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": .procedureTerminology,
    "urn:oid:2.16.840.1.113883.6.285": .procedureTerminology,
    "http://terminology.hl7.org/CodeSystem/v2-0074": .diagnosticService,
  ]
}

/// Codes between two prefixes, both included.
struct CodeRange {
  let first: [UInt8]
  let last: [UInt8]
  let label: SensitivityLabel

  /// `F10-F16`, or one prefix.
  init(_ text: Substring, _ label: SensitivityLabel) {
    let ends = text.split(separator: "-")
    first = Array((ends.first ?? "").utf8)
    last = Array((ends.last ?? "").utf8)
    self.label = label
  }

  func contains(_ code: String) -> Bool {
    let code = code.utf8
    return !code.prefix(first.count).lexicographicallyPrecedes(first)
      && !last.lexicographicallyPrecedes(code.prefix(last.count))
  }
}
