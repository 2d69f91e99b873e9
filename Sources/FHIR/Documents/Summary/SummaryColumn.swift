/// A column of the table that a person reads, and what it says of a record.
struct SummaryColumn: Sendable {
  /// The records of the document, to name what is referred to.
  typealias Included = (ReferenceTarget) -> Resource?

  let title: String
  let text: @Sendable (Resource, Included) -> String?

  private init(
    _ title: String, _ text: @escaping @Sendable (Resource, Included) -> String?
  ) {
    self.title = title
    self.text = text
  }

  private init(_ title: String, of text: @escaping @Sendable (JSONValue) -> String?) {
    self.init(title) { record, _ in text(record.root) }
  }

  static func name(_ title: String) -> SummaryColumn {
    SummaryColumn(title) { SummaryNames.name($0, $1) ?? "not named" }
  }

  static let status = SummaryColumn("Status") { root in
    let verification = ClinicalText.code(root["verificationStatus"])
    return ClinicalText.joined(
      [
        ClinicalText.code(root["clinicalStatus"]) ?? ClinicalText.code(root["status"]),
        verification == "confirmed" ? nil : verification,
      ], ", ")
  }

  static let severity = SummaryColumn("Severity") { ClinicalText.concept($0["severity"]) }

  static let criticality = SummaryColumn("Criticality") { ClinicalText.code($0["criticality"]) }

  static let reactions = SummaryColumn("Reactions") { root in
    ClinicalText.joined(
      root["reaction"]?.elements.prefix(8).map { reaction in
        ClinicalText.joined(
          [
            ClinicalText.concepts(reaction["manifestation"]),
            ClinicalText.code(reaction["severity"]).map { "(\($0))" },
          ], " ")
      } ?? [], "; ")
  }

  static let dose = SummaryColumn("Dose and instructions") { root in
    ClinicalText.dosages(root["dosageInstruction"] ?? root["dosage"])
  }

  static let doseNumber = SummaryColumn("Dose") { root in
    root["protocolApplied"]?.elements.first { _ in true }.flatMap { applied in
      applied["doseNumberPositiveInt"]?.numberLiteral
        ?? ClinicalText.nonEmpty(applied["doseNumberString"])
    } ?? ClinicalText.quantity(root["doseQuantity"])
  }

  static let lot = SummaryColumn("Lot") { ClinicalText.nonEmpty($0["lotNumber"]) }

  static let value = SummaryColumn("Result") { SummaryNames.result($0) }

  static let referenceRange = SummaryColumn("Reference range") { root in
    root["referenceRange"]?.elements.first { _ in true }.flatMap {
      ClinicalText.nonEmpty($0["text"]) ?? ClinicalText.range($0)
    }
  }

  /// When it began or was.
  static func date(_ title: String) -> SummaryColumn {
    SummaryColumn(title) { root in
      for name in ["onset", "occurrence", "performed", "effective", "timing"] {
        if let text = ClinicalText.choice(root, name) { return text }
      }
      if let period = ClinicalText.period(root["period"]) { return period }
      return [
        "authoredOn", "dateTime", "date", "recordedDate", "dateAsserted", "issued", "created",
      ]
      .lazy.compactMap { ClinicalText.date(root[$0]) }.first
    }
  }

  static let end = SummaryColumn("Until") { ClinicalText.choice($0, "abatement") }
}

extension SummarySection {
  var columns: [SummaryColumn] {
    switch self {
    case .problems: [.name("Problem"), .status, .severity, .date("Since")]
    case .allergies:
      [.name("Substance or kind"), .status, .criticality, .reactions, .date("Since")]
    case .medications: [.name("Medicine"), .status, .dose, .date("Since")]
    case .immunizations: [.name("Vaccine"), .date("Date"), .doseNumber, .lot]
    case .results: [.name("Test"), .value, .referenceRange, .status, .date("Date")]
    case .procedures: [.name("Procedure"), .status, .date("Date")]
    case .devices: [.name("Device"), .status, .date("Since")]
    case .alerts: [.name("Alert"), .date("Since")]
    case .vitalSigns: [.name("Measurement"), .value, .status, .date("Date")]
    case .pastProblems: [.name("Problem"), .status, .date("Since"), .end]
    case .pregnancy, .socialHistory: [.name("Statement"), .value, .status, .date("Date")]
    case .functionalStatus: [.name("Functioning"), .status, .severity, .date("Since")]
    case .planOfCare: [.name("Plan"), .status, .date("Period")]
    case .advanceDirectives: [.name("Directive"), .status, .date("Date")]
    case .patientStory: [.name("Document"), .status, .date("Date")]
    }
  }
}
