/// Where a record belongs in a summary. `docs/design/documents.md` states the rules.
struct SummaryPlace {
  let section: SummarySection
  let rank: SummaryCandidate.Rank
  /// Elements that say when, the most telling first.
  let dates: [String]
  /// Whether only the newest of those with one code counts.
  let isNewestOnly: Bool

  /// Nil for a record that belongs into no section, or whose status keeps it out.
  init?(_ record: Resource) {
    let root = record.root
    let place: SummaryPlace?
    switch record.type {
    case "Condition": place = Self.condition(root)
    case "AllergyIntolerance": place = Self.allergy(root)
    case "MedicationStatement": place = Self.medicationStatement(root)
    case "MedicationRequest": place = Self.medicationRequest(root)
    case "Immunization":
      place = Self.place(
        .immunizations, root, in: ["completed"], ["occurrenceDateTime", "recorded"])
    case "Procedure":
      place = Self.place(
        .procedures, root, in: ["completed", "in-progress"],
        ["performedDateTime", "performedPeriod"])
    case "DeviceUseStatement": place = Self.deviceUse(root)
    case "Device":
      place = Self.place(.devices, root, in: ["active", nil], ["manufactureDate"])
    case "Observation": place = Self.observation(record)
    case "DiagnosticReport": place = Self.report(record)
    case "CarePlan":
      place = Self.place(.planOfCare, root, in: ["active", "on-hold"], ["period", "created"])
    case "Flag": place = Self.place(.alerts, root, in: ["active"], ["period"])
    case "Consent": place = Self.directive(root)
    case "DocumentReference": place = Self.document(root)
    default: place = nil
    }
    guard let place else { return nil }
    self = place
  }

  private init(
    _ section: SummarySection, _ dates: [String], rank: SummaryCandidate.Rank = .current,
    isNewestOnly: Bool = false
  ) {
    self.section = section
    self.rank = rank
    self.dates = dates
    self.isNewestOnly = isNewestOnly
  }

  /// - Parameter statuses: those that `status` may have; nil for one that is not stated.
  private static func place(
    _ section: SummarySection, _ root: JSONValue, in statuses: Set<String?>, _ dates: [String]
  ) -> SummaryPlace? {
    statuses.contains(root["status"]?.string) ? SummaryPlace(section, dates) : nil
  }

  /// Whether it turned out not to be so.
  private static func isRetracted(_ root: JSONValue) -> Bool {
    root["verificationStatus"]?.hasCode(of: ["refuted", "entered-in-error"]) ?? false
  }

  private static func condition(_ root: JSONValue) -> SummaryPlace? {
    guard !isRetracted(root) else { return nil }
    let begins = [
      "onsetDateTime", "onsetPeriod", "recordedDate", "abatementDateTime", "abatementPeriod",
    ]
    let status = root["clinicalStatus"]
    let isOver =
      status?.hasCode(of: ["inactive", "resolved", "remission"])
      ?? root.members.contains { $0.name.hasPrefix("abatement") }
    if isOver { return SummaryPlace(.pastProblems, begins) }
    let isFunctional =
      root["category"]?.hasCode(of: SummaryCodes.functionalStatus) ?? false
      || root["code"]?["coding"]?.elements.contains {
        $0["system"]?.isString("http://hl7.org/fhir/sid/icf") ?? false
      } ?? false
    return SummaryPlace(isFunctional ? .functionalStatus : .problems, begins)
  }

  private static func allergy(_ root: JSONValue) -> SummaryPlace? {
    guard !isRetracted(root) else { return nil }
    let isOver = root["clinicalStatus"]?.hasCode(of: ["inactive", "resolved"]) ?? false
    return SummaryPlace(
      .allergies, ["onsetDateTime", "recordedDate", "lastOccurrence"],
      rank: isOver ? .past : .current)
  }

  private static func medicationStatement(_ root: JSONValue) -> SummaryPlace? {
    place(
      .medications, root, in: ["active", "intended", "on-hold", "unknown"],
      ["effectiveDateTime", "effectivePeriod", "dateAsserted"])
  }

  /// Orders, not proposals and options; and not the order to take nothing.
  private static func medicationRequest(_ root: JSONValue) -> SummaryPlace? {
    guard !["proposal", "option"].contains(root["intent"]?.string),
      root["doNotPerform"]?.bool != true
    else { return nil }
    return place(.medications, root, in: ["active", "on-hold", "unknown"], ["authoredOn"])
  }

  private static func deviceUse(_ root: JSONValue) -> SummaryPlace? {
    guard let status = root["status"]?.string, status != "entered-in-error" else { return nil }
    let isCurrent = ["active", "intended", "on-hold"].contains(status)
    return SummaryPlace(
      .devices, ["timingDateTime", "timingPeriod", "recordedOn"],
      rank: isCurrent ? .current : .past)
  }

  private static func observation(_ record: Resource) -> SummaryPlace? {
    let root = record.root
    guard isResult(root) else { return nil }
    let dates = ["effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"]
    let section: SummarySection
    if root["code"]?.hasCode(of: SummaryCodes.pregnancy) ?? false {
      section = .pregnancy
    } else if root["code"]?.hasCode(of: SummaryCodes.socialHistory) ?? false {
      section = .socialHistory
    } else {
      switch RecordType(of: record) {
      case .vitalSigns: section = .vitalSigns
      case .labResults, .radiologyReports: section = .results
      default:
        guard root["category"]?.hasCode(of: ["social-history"]) ?? false else { return nil }
        section = .socialHistory
      }
    }
    return SummaryPlace(section, dates, isNewestOnly: true)
  }

  /// Whether an Observation has a result: it is neither registered only nor taken back.
  static func isResult(_ root: JSONValue) -> Bool {
    ["final", "amended", "corrected", "preliminary"].contains(root["status"]?.string)
  }

  private static func report(_ record: Resource) -> SummaryPlace? {
    guard [.labResults, .radiologyReports].contains(RecordType(of: record)),
      ["partial", "preliminary", "final", "amended", "corrected", "appended"]
        .contains(record.root["status"]?.string)
    else { return nil }
    return SummaryPlace(
      .results, ["effectiveDateTime", "effectivePeriod", "issued"], isNewestOnly: true)
  }

  /// Grants of access to the chart are Consents too, and no advance directives.
  private static func directive(_ root: JSONValue) -> SummaryPlace? {
    let isDirective =
      root["scope"]?.hasCode(of: SummaryCodes.directiveScopes) ?? false
      || root["category"]?.hasCode(
        of: SummaryCodes.directiveCategories.union(SummaryCodes.advanceDirectives)) ?? false
    guard isDirective else { return nil }
    return place(.advanceDirectives, root, in: ["active"], ["dateTime"])
  }

  private static func document(_ root: JSONValue) -> SummaryPlace? {
    guard let type = root["type"] else { return nil }
    let section: SummarySection
    if type.hasCode(of: SummaryCodes.advanceDirectives) {
      section = .advanceDirectives
    } else if type.hasCode(of: [SummarySection.patientStory.code]) {
      section = .patientStory
    } else {
      return nil
    }
    return place(section, root, in: ["current"], ["date"])
  }
}
