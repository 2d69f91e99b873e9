/// Where a validator is in a resource. A chain to the root, because its text is asked for only where
/// there is an issue.
final class ValidationPlace: Sendable {
  private let parent: ValidationPlace?
  private let step: String
  private let index: Int?

  init(root: String) {
    parent = nil
    step = root
    index = nil
  }

  private init(parent: ValidationPlace, step: String, index: Int?) {
    self.parent = parent
    self.step = step
    self.index = index
  }

  func child(_ name: String, _ index: Int? = nil) -> ValidationPlace {
    ValidationPlace(parent: self, step: name, index: index)
  }

  /// The child of a name that came from outside, shown only where it has the form of one.
  func stranger(_ name: String) -> ValidationPlace {
    child(JSONPath.label(forName: Array(name.utf8)))
  }

  /// Whether the place is below an extension, itself not counted.
  var isInsideExtension: Bool {
    guard let parent else { return false }
    return parent.step == "extension" || parent.step == "modifierExtension"
  }

  /// The path as FHIRPath.
  var text: String {
    var steps: [String] = []
    var place: ValidationPlace? = self
    while let current = place {
      steps.append(current.step + (current.index.map { "[\($0)]" } ?? ""))
      place = current.parent
    }
    return steps.reversed().joined(separator: ".")
  }
}
