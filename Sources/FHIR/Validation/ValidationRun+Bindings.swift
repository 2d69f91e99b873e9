extension ValidationRun {
  /// The codes of an element by the value set it is bound to: an error where the binding is required,
  /// a remark where it is extensible. Nothing is said of sets that cannot be listed.
  func check(_ binding: StructureElement.Binding, of element: ValidationElement) {
    guard issues.step(), let membership = membership(of: element, in: binding)
    else { return }
    guard membership == .outside else { return }
    if binding.isRequired {
      error(
        .codeInvalid, "the code must be one of the value set \(binding.valueSet)", at: element.place
      )
    } else {
      add(
        .warning, .codeInvalid,
        "the code should be one of the value set \(binding.valueSet) unless it has none that fits",
        at: element.place)
    }
  }

  /// Whether what an element is coded with is in a value set; nil where there is nothing to decide.
  func membership(
    of element: ValidationElement, in binding: StructureElement.Binding
  ) -> CodeTable.Membership? {
    let key = binding.valueSet
    switch element.type.code {
    case "CodeableConcept":
      let codings = element.children("coding")
      if codings.isEmpty {
        // A text alone is what an extensible binding allows; a required one asks for a code, which
        // an extension (data-absent-reason) may excuse.
        let isExcused = element.value?["extension"] != nil
        return binding.isRequired && !isExcused ? .outside : nil
      }
      let found = codings.compactMap { codingMembership($0, key) }
      if found.contains(.inside) { return .inside }
      return found.contains(.unknown) || found.isEmpty ? .unknown : .outside
    case "Coding": return codingMembership(element, key)
    case "Quantity", "Age", "Count", "Distance", "Duration", "Money":
      guard let code = element.value?["code"]?.string else { return nil }
      return codes.contains(code, system: element.value?["system"]?.string, in: key)
    default:
      guard let code = element.text else { return nil }
      return codes.contains(code, system: nil, in: key)
    }
  }

  private func codingMembership(_ coding: ValidationElement, _ key: String) -> CodeTable.Membership?
  {
    guard let code = coding.value?["code"]?.string else {
      return coding.value?["extension"] == nil && coding.value?["_code"] == nil ? .outside : nil
    }
    // A Coding without a system has no meaning that could be in a set.
    return codes.contains(code, system: coding.value?["system"]?.string ?? "", in: key)
  }
}
