extension ValidationRun {
  /// An extension: a URL, and a value or extensions but not both (ext-1); one whose definition is at
  /// hand by that definition.
  func checkExtension(_ element: ValidationElement, in context: ValidationContext) {
    let value = element.value
    let hasValue = !element.children("value").isEmpty
    let hasExtensions = value?["extension"] != nil
    if hasValue == hasExtensions {
      error(
        .invariant, "an extension has a value or extensions, and not both", at: element.place,
        key: "ext-1")
    }
    guard let url = value?["url"]?.string else { return }
    let known = profiles.profiles(url).filter { $0.type == "Extension" }
    if !known.isEmpty {
      conform(element, to: known, in: context)
    } else if url.contains("/StructureDefinition/"), url.hasPrefix("http://hl7.org/fhir/") {
      add(
        .warning, .extension, "an extension of HL7 that is not known here",
        at: element.place.child("url"))
    } else if !url.contains(":") && !element.isInsideExtension {
      error(
        .extension, "the URL of an extension must be absolute", at: element.place.child("url"))
    }
  }
}

extension ValidationElement {
  /// Whether the element is part of a complex extension, where URLs are names.
  fileprivate var isInsideExtension: Bool { place.isInsideExtension }
}
