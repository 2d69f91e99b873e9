extension ValidationRun {
  /// A reference: its syntax, that what it contains is there, and the type it points to. `targets` are
  /// types and keys of profiles; none allow any.
  func checkReference(
    _ element: ValidationElement, targets: [String], version: String? = nil,
    in context: ValidationContext
  ) {
    guard issues.step(), let value = element.value else { return }
    let claimed = value["type"]?.string
    guard let text = value["reference"]?.string else {
      if let claimed { checkTarget(claimed, targets, at: element.place.child("type")) }
      return
    }
    let place = element.place.child("reference")
    guard let form = ReferenceForm(text) else {
      return error(.value, "the syntax of a reference is not that of FHIR", at: place)
    }
    let target = context.resolve(text)
    if case .fragment = form, target == nil {
      return error(
        .invariant, "a reference to a contained resource that is not there", at: place, key: "ref-1"
      )
    }
    let type =
      switch form {
      case .relative(let type, _, _), .conditional(let type, _): Optional(type)
      case .absolute(_, let type, _, _): type
      default: target?.structure?.name
      }
    if let type {
      checkTarget(type, targets, at: place)
      if let claimed, claimed != type, ResourceType.isKnown(claimed) {
        error(.value, "the reference points to another type than it says", at: place)
      }
    } else if let claimed {
      checkTarget(claimed, targets, at: element.place.child("type"))
    }
    if let target, let version { follow(target, targets, version, from: place, in: context) }
  }

  private func checkTarget(_ type: String, _ targets: [String], at place: ValidationPlace) {
    guard !targets.isEmpty, ResourceType.isKnown(type) else { return }
    let isAllowed = targets.contains { profiles.type(of: $0) == type }
    if !isAllowed {
      error(.value, "a reference to this type of resource is not allowed here", at: place)
    }
  }

  /// A target that is at hand must conform to one of the profiles that the reference names.
  private func follow(
    _ target: ValidationElement, _ targets: [String], _ version: String,
    from place: ValidationPlace, in context: ValidationContext
  ) {
    let fitting = targets.filter { profiles.type(of: $0) == target.structure?.name }
    guard !isFollowing, !fitting.isEmpty,
      !fitting.contains(where: { structures.type($0) != nil })
    else { return }
    isFollowing = true
    defer { isFollowing = false }
    let targetContext = ValidationContext(
      target, container: context.root.resource.place === target.place ? nil : context.root,
      bundle: context.bundle)
    for key in fitting {
      guard let rules = profiles.profile(key, near: version) else { continue }
      let trial = attempt { check(target, rules.root, version: rules.version, in: targetContext) }
      issues.settle(trial, keep: false)
      if !trial.hasErrors { return }
    }
    error(
      .value, "the resource referred to conforms to none of the profiles that are asked for",
      at: place)
  }
}
