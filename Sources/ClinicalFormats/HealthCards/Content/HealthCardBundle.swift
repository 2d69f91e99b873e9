public import FHIR

/// The rules of a card's Bundle: small, and about one person (SMART Health Cards 1.4, "Creating a health card",
/// and the vaccination profile's data model).
public enum HealthCardBundle {
  private static let maximumEntries = 500

  /// What is wrong with a Bundle.
  ///
  /// - Parameter asImmunization: whether the rules of vaccination cards hold besides.
  public static func findings(
    _ bundle: JSONValue, asImmunization: Bool
  ) -> [HealthCardFinding] {
    var check = Check()
    check.run(bundle)
    if asImmunization { check.immunizations(bundle) }
    return check.findings
  }

  private struct Check {
    var findings: [HealthCardFinding] = []
    private var addresses: Set<String> = []

    mutating func add(
      _ code: HealthCardFinding.Code, _ text: String, _ place: String,
      weight: HealthCardFinding.Weight = .error
    ) {
      guard findings.count < 100 else { return }
      findings.append(HealthCardFinding(code, text, place: place, weight: weight))
    }

    mutating func run(_ bundle: JSONValue) {
      guard bundle["resourceType"]?.string == "Bundle", bundle["type"]?.string == "collection",
        let entries = bundle["entry"], (1...HealthCardBundle.maximumEntries).contains(entries.count)
      else {
        return add(.bundleForm, "a card holds a Bundle of type collection with entries", "Bundle")
      }
      if bundle["id"] != nil { add(.resourceID, "the Bundle has an id", "Bundle.id") }
      if bundle["meta"] != nil { add(.meta, "the Bundle has meta", "Bundle.meta") }
      addresses = Set(entries.elements.compactMap { $0["fullUrl"]?.string })
      for (number, entry) in entries.elements.enumerated() {
        let place = "entry[\(number)]"
        if entry["fullUrl"]?.string != "resource:\(number)" {
          add(
            .fullURL, "the address of an entry is not resource: and its number", "\(place).fullUrl")
        }
        guard let resource = entry["resource"] else {
          add(.bundleForm, "an entry has no resource", place)
          continue
        }
        check(resource, "\(place).resource")
      }
      let patients = entries.elements.count {
        $0["resource"]?["resourceType"]?.string == "Patient"
      }
      if patients != 1 { add(.patient, "a card is about one patient", "entry") }
    }

    private mutating func check(_ resource: JSONValue, _ place: String) {
      if resource["id"] != nil { add(.resourceID, "a resource has an id", "\(place).id") }
      if resource["text"] != nil { add(.text, "a resource has a narrative", "\(place).text") }
      if let meta = resource["meta"], meta.members.contains(where: { $0.name != "security" }) {
        add(.meta, "of meta a card has security only", "\(place).meta")
      }
      walk(resource, place, depth: 0)
      guard let parsed = try? Resource(resource) else {
        return add(.resourceInvalid, "a resource is not of FHIR R4", place)
      }
      let issues = ResourceValidator(usesClaimedProfiles: false).issues(in: parsed.root)
      for issue in issues where issue.severity == .error && !Self.isOfReference(issue) {
        add(.resourceInvalid, "a resource does not follow FHIR R4", "\(place): \(issue.expression)")
      }
    }

    /// Addresses within a card have a form that FHIR does not know; they are looked at here.
    private static func isOfReference(_ issue: ValidationIssue) -> Bool {
      issue.expression.hasSuffix("reference")
    }

    private mutating func walk(_ value: JSONValue, _ place: String, depth: Int) {
      guard depth < 48 else { return }
      switch value.kind {
      case .array:
        for (number, element) in value.elements.enumerated() {
          walk(element, "\(place)[\(number)]", depth: depth + 1)
        }
      case .object:
        let isConcept = value["coding"]?.kind == .array
        let isCoding = value["code"]?.kind == .string && value["system"] != nil
        for (name, member) in value.members {
          let here = "\(place).\(name)"
          if isConcept, name == "text" {
            add(.text, "a code has a text", here, weight: .warning)
          } else if isCoding, name == "display" {
            add(.display, "a code has a display", here, weight: .warning)
          } else if name == "reference", let address = member.string {
            if !address.hasPrefix("resource:") || !addresses.contains(address) {
              add(.reference, "a reference does not lead to an entry of the card", here)
            }
          }
          walk(member, here, depth: depth + 1)
        }
      default: return
      }
    }

    /// What a vaccination card has (SMART Health Cards: Vaccination, data minimization profiles).
    mutating func immunizations(_ bundle: JSONValue) {
      for (number, entry) in (bundle["entry"]?.elements.map { $0 } ?? []).enumerated() {
        guard let resource = entry["resource"] else { continue }
        let place = "entry[\(number)].resource"
        switch resource["resourceType"]?.string {
        case "Patient":
          if (resource["name"]?.count ?? 0) == 0 || resource["birthDate"]?.string == nil {
            add(.patient, "the patient has no name or no birth date", place)
          }
        case "Immunization":
          if !["completed", "not-done", "entered-in-error"].contains(resource["status"]?.string) {
            add(.immunization, "an immunization has no such status", "\(place).status")
          }
          let codes = resource["vaccineCode"]?["coding"]?.elements.map { $0 } ?? []
          if codes.isEmpty
            || !codes.allSatisfy({ $0["code"]?.string != nil && $0["system"]?.string != nil })
          {
            add(.immunization, "an immunization does not say of what", "\(place).vaccineCode")
          }
          if resource["occurrenceDateTime"]?.string == nil {
            add(.immunization, "an immunization does not say when", "\(place).occurrenceDateTime")
          }
        case "Organization", "Location", "Observation", "DiagnosticReport", "Coverage": continue
        default: add(.immunization, "this is of no use on a vaccination card", place)
        }
      }
    }
  }
}
