extension ValidationRun {
  /// The value of a primitive and what is beside it; false where its JSON type is wrong, so that
  /// nothing more can be said.
  func checkPrimitive(
    _ element: ValidationElement, _ type: PrimitiveType, in context: ValidationContext
  ) -> Bool {
    if let value = element.value {
      guard value.kind == type.jsonKind else {
        error(.structure, "not the JSON type of a FHIR \(type.rawValue)", at: element.place)
        return false
      }
      let text = value.string ?? String(decoding: value.raw, as: UTF8.self)
      if !type.isValid(text) {
        error(
          .value, "not the form, or out of the range, of a FHIR \(type.rawValue)",
          at: element.place)
      }
      if type == .xhtml { checkNarrative(value, at: element.place) }
    }
    if let extra = element.extra {
      if extra.kind != .object {
        error(.structure, "what is beside a primitive must be an object", at: element.place)
      } else if extra.count == 0 {
        error(
          .invariant, "an element must have a value or children", at: element.place, key: "ele-1")
      } else if type == .xhtml {
        error(.structure, "a narrative has no extensions in JSON", at: element.place)
      } else {
        checkMembers(of: element, in: context)
      }
    }
    return true
  }

  /// txt-1 and txt-2: a `div` of XHTML with the formatting that FHIR allows, and something in it.
  private func checkNarrative(_ value: JSONValue, at place: ValidationPlace) {
    switch Narrative.findings(value.string ?? "") {
    case .isFine: break
    case .isMalformed:
      error(.value, "the narrative is not well-formed XHTML with a div outermost", at: place)
    case .isBeyondFHIR:
      error(
        .invariant, "the narrative holds elements or attributes that FHIR does not allow",
        at: place, key: "txt-1")
    case .isBlank:
      error(.invariant, "the narrative holds no text and no image", at: place, key: "txt-2")
    }
  }
}
