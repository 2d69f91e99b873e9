extension ValidationRun {
  /// A resource: its elements, the rules of what is contained, and the profiles it claims.
  func checkResource(
    _ element: ValidationElement, container: ValidationContext?, bundle: BundleIndex?,
    profiles: [String] = []
  ) {
    let place = element.place
    guard let value = element.value, value.kind == .object else {
      return error(.structure, "a resource must be a JSON object", at: place)
    }
    guard let type = element.structure else {
      return error(
        .structure, "resourceType must be a resource type of FHIR R4",
        at: place.child("resourceType"))
    }
    var bundle = bundle
    if type.name == "Bundle" { bundle = BundleIndex(element) }
    let context = ValidationContext(element, container: container, bundle: bundle)
    checkMembers(of: element, in: context)
    if container != nil { checkContained(element) }
    checkContainedResources(of: element, in: context)
    check(type.invariants, of: element, in: context)
    if element.children("text").isEmpty, type.element("text") != nil, container == nil {
      add(
        .warning, .invariant, "a resource should have a narrative for robust management", at: place,
        key: "dom-6")
    }
    let claimed = usesClaimedProfiles ? claims(of: element) : []
    for canonical in profiles { checkProfile(canonical, of: element, in: context, isAsked: true) }
    for canonical in claimed where !profiles.contains(canonical) {
      checkProfile(canonical, of: element, in: context, isAsked: false)
    }
  }

  private func claims(of resource: ValidationElement) -> [String] {
    resource.children("meta").flatMap { $0.children("profile") }.compactMap(\.text)
  }

  /// dom-2, dom-4 and dom-5, on the contained resource.
  private func checkContained(_ element: ValidationElement) {
    let place = element.place
    if element.value?["contained"] != nil {
      error(
        .invariant, "a contained resource must not contain others",
        at: place.child("contained"), key: "dom-2")
    }
    guard let meta = element.value?["meta"] else { return }
    if meta["versionId"] != nil || meta["lastUpdated"] != nil {
      error(
        .invariant, "a contained resource has no version and no time of its own",
        at: place.child("meta"), key: "dom-4")
    }
    if meta["security"] != nil {
      error(
        .invariant, "a contained resource has no security labels of its own",
        at: place.child("meta"), key: "dom-5")
    }
  }

  /// dom-3, and ids that tell the contained resources apart.
  private func checkContainedResources(
    of element: ValidationElement, in context: ValidationContext
  ) {
    var ids: Set<String> = []
    for contained in element.children("contained") {
      guard let id = contained.value?["id"]?.string else {
        error(
          .required, "a contained resource needs an id to be referred to",
          at: contained.place.child("id"))
        continue
      }
      if !ids.insert(id).inserted {
        error(.value, "another contained resource has the same id", at: contained.place.child("id"))
      }
      let refersBack = contained.value.map { value in
        value.contains { $0.isString("#") }
      }
      if !context.fragments.contains(id) && refersBack != true {
        error(
          .invariant, "a contained resource must be referred to, or refer to its container",
          at: contained.place, key: "dom-3")
      }
    }
  }
}

extension JSONValue {
  /// Whether this value or one below it satisfies a condition.
  func contains(_ condition: (JSONValue) -> Bool) -> Bool {
    var index = self.index
    while index < node.next {
      if storage.tape[index].kind != .name,
        condition(JSONValue(storage: storage, index: index))
      {
        return true
      }
      index += 1
    }
    return false
  }
}
