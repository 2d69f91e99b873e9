import Primitives

extension Grant {
  /// Checks what a Consent cannot say or must not say. Throws `invalid`.
  func validate() throws(PeerChartError) {
    func require(_ condition: Bool, _ reason: String) throws(PeerChartError) {
      guard condition else { throw PeerChartError(.invalid, reason) }
    }
    try require(id.value.isIdentifierText, "a grant needs an id of 1 to 256 printable bytes")
    try require(patient.isLogicalID, "a grant needs the logical id of a Patient")
    try require(
      maximumUses.map { $0 > 0 && $0 <= Int(Int32.max) } ?? true, "uses are counted from 1")
    if let delegation {
      try require(delegation.parent.value.isIdentifierText, "a delegated grant names its parent")
      try delegation.delegator.validate()
    }
    switch content {
    case .permission(let permission, let denials):
      try require(
        !permission.isEmpty, "a permission names types, labels, purposes, actions and a period")
      try permission.grantee.validate()
      for denial in denials { try denial.validate() }
    case .denial(let denial):
      try require(delegation == nil, "only the patient denies")
      try require(maximumUses == nil && !isDelegable, "a denial has no uses and is not delegated")
      try denial.validate()
    }
  }
}

extension Denial {
  func validate() throws(PeerChartError) {
    // An empty set would be written as an absent element, which denies everything instead of nothing.
    let saysNothing =
      types?.isEmpty == true || labels?.isEmpty == true || purposes?.isEmpty == true
      || actions?.isEmpty == true || period.isEmpty || records.isEmpty
    guard !saysNothing else { throw PeerChartError(.invalid, "a denial that can never match") }
    for grantee in grantees { try grantee.validate() }
  }
}

extension Grantee {
  func validate() throws(PeerChartError) {
    switch self {
    case .node: return
    case .organization(let id), .person(let id):
      // Of our own names only that of an account is one of a person.
      let isAccount = isPerson && id.system == ConsentVocabulary.account
      guard id.system.isIdentifierText, id.value.isIdentifierText,
        isAccount || !id.system.hasPrefix("urn:peerchart:")
      else {
        throw PeerChartError(.invalid, "a grantee needs an identifier with a system of its own")
      }
    }
  }
}

extension String {
  /// Short, not blank, free of control characters.
  var isIdentifierText: Bool {
    !isBlank && utf8.count <= 256 && utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
  }

  /// FHIR's `id`: 1 to 64 letters, digits, hyphens and dots.
  var isLogicalID: Bool {
    (1...64).contains(utf8.count)
      && utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
          || byte == 45 || byte == 46
      }
  }
}
