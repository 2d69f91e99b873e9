extension ValidationRun {
  /// A resource by a profile, in whatever version there is unless one is named.
  func checkProfile(
    _ canonical: String, of element: ValidationElement, in context: ValidationContext, isAsked: Bool
  ) {
    let place = isAsked ? element.place : element.place.child("meta").child("profile")
    let known = profiles.profiles(canonical)
    guard let first = known.first else {
      if isAsked {
        error(.notFound, "a profile that is not known here", at: place)
      } else {
        add(.warning, .notSupported, "a profile that is not known here", at: place)
      }
      return
    }
    guard first.type == element.structure?.name else {
      return error(.value, "the profile is one of another type of resource", at: place)
    }
    conform(element, to: known, in: context)
  }

  /// Checks an element by the versions of one profile, the newest first: enough that it conforms to
  /// one. What is wrong is told by the newest.
  func conform(_ element: ValidationElement, to versions: [Profile], in context: ValidationContext)
  {
    var newest: IssueCollector?
    for rules in versions {
      let outer = profile
      profile = rules.canonical
      let trial = attempt { check(element, rules.root, version: rules.version, in: context) }
      profile = outer
      if !trial.hasErrors {
        issues.settle(trial, keep: true)
        return
      }
      issues.settle(trial, keep: false)
      newest = newest ?? trial
    }
    if var newest {
      newest.spend(down: issues.stepsLeft)
      issues.settle(newest, keep: true)
    }
  }

  /// An element by a node of a profile: what the node asks of it, and of its children.
  func check(
    _ element: ValidationElement, _ node: ProfileNode, version: String,
    in context: ValidationContext
  ) {
    guard issues.step(), issues.isOpen else { return }
    if let expected = node.expected {
      checkExpected(expected, of: element)
    }
    checkTypes(node.types, of: element, version: version, in: context)
    if let binding = node.binding { check(binding, of: element) }
    check(node.invariants, of: element, in: context)
    for child in node.children {
      let elements = element.children(child.name)
      checkCount(elements.count, child, below: element.place)
      for each in elements { check(each, child, version: version, in: context) }
      if !child.slices.isEmpty || child.slicing != nil {
        checkSlices(elements, child, below: element.place, version: version, in: context)
      }
    }
  }

  /// How many there are. `node.slice` names the slice that is counted.
  func checkCount(_ count: Int, _ node: ProfileNode, below place: ValidationPlace) {
    let what = node.slice.map { "\(node.name) of the slice \($0)" } ?? node.name
    if let minimum = node.minimum, count < minimum {
      error(
        .required, "the element \(what) must stand at least \(minimum) times",
        at: place.child(node.name))
    }
    if let maximum = node.maximum, count > maximum {
      error(
        .structure,
        maximum == 0
          ? "the element \(what) is not allowed" : "the element \(what) may stand \(maximum) times",
        at: place.child(node.name))
    }
  }

  private func checkExpected(_ expected: ProfileNode.Expected, of element: ValidationElement) {
    guard let value = element.value else { return }
    let fits =
      expected.isFixed
      ? value.isEqual(to: expected.value) : value.contains(pattern: expected.value)
    if !fits {
      error(
        .value,
        expected.isFixed
          ? "not the value that the profile fixes" : "does not fit the pattern of the profile",
        at: element.place)
    }
  }

  /// The type must be one of those that are left, and conform to the profiles on it.
  private func checkTypes(
    _ rules: [ProfileNode.TypeRule], of element: ValidationElement, version: String,
    in context: ValidationContext
  ) {
    guard !rules.isEmpty else { return }
    let fitting = rules.filter {
      $0.code == element.typeName || $0.code == element.type.code
    }
    guard !fitting.isEmpty else {
      return error(
        .structure, "the profile does not allow this type here", at: element.place)
    }
    if element.type.code == "Reference" {
      let targets = fitting.contains { $0.targets.isEmpty } ? [] : fitting.flatMap(\.targets)
      checkReference(element, targets: targets, version: version, in: context)
    }
    let wanted = fitting.flatMap(\.profiles).compactMap { profiles.profile($0, near: version) }
    guard !wanted.isEmpty, !fitting.contains(where: { $0.profiles.isEmpty }) else { return }
    conform(element, to: wanted, in: context)
  }
}
