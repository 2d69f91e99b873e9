/// Codes that most records of a type have. A term for them would cost an entry in every record and
/// still bring up nearly all of them, so a search for one looks at the candidates of its other
/// criteria; a search for a rarer code of the same element is served by the index.
enum CommonCodes {
  /// By the element's own name, folded.
  private static let byElement: [String: Set<String>] = [
    "status": ["final", "completed", "finished", "active", "current", "issued"],
    "intent": ["order", "plan"],
    "priority": ["routine", "normal"],
    "use": ["claim", "home", "work", "official"],
    "gender": ["male", "female"],
    "active": ["true"],
    "experimental": ["false", "true"],
    "mode": ["instance", "snapshot"],
    "clinicalStatus": ["active", "resolved"],
    "verificationStatus": ["confirmed"],
    "lifecycleStatus": ["active", "completed"],
    "outcome": ["complete", "0"],
    "docStatus": ["final"],
    "language": ["en", "en-us"],
    "type": ["claim"],
  ]

  static func codes(in element: String) -> Set<String> { byElement[element] ?? [] }
}
