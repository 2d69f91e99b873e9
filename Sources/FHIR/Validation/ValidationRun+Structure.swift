extension ValidationRun {
  /// The members of an object that belong to one element.
  private struct Slot {
    let member: StructureType.Member
    let name: String
    var value: JSONValue?
    var extra: JSONValue?
  }

  /// The members of an element: known, as many as there may be, and each in itself.
  func checkMembers(of element: ValidationElement, in context: ValidationContext) {
    guard let object = element.object, let type = element.structure,
      issues.step(), issues.isOpen
    else { return }
    let slots = slots(of: object, type, at: element.place)
    for (position, definition) in type.elements.enumerated() {
      guard let slot = slots[position] else {
        if definition.minimum > 0 {
          error(
            .required, "the element \(definition.name) is missing",
            at: element.place.child(definition.name))
        }
        continue
      }
      check(slot, definition, below: element.place, in: context)
    }
  }

  /// The members by the position of their elements; those that R4 does not know become issues.
  private func slots(
    of object: JSONValue, _ type: StructureType, at place: ValidationPlace
  ) -> [Int: Slot] {
    var slots: [Int: Slot] = [:]
    for (name, value) in object.members {
      if name == "resourceType", type.kind == .resource { continue }
      let isExtra = name.hasPrefix("_")
      let plain = isExtra ? String(name.dropFirst()) : name
      guard let member = type.member(plain), !isExtra || member.type.primitive != nil else {
        error(.structure, "FHIR R4 has no such element here", at: place.stranger(name))
        continue
      }
      if let before = slots[member.position], before.name != plain {
        error(
          .structure, "an element with a choice of types may have one of them only",
          at: place.child(member.element.name))
        continue
      }
      var slot = slots[member.position] ?? Slot(member: member, name: plain)
      if isExtra { slot.extra = value } else { slot.value = value }
      slots[member.position] = slot
    }
    return slots
  }

  private func check(
    _ slot: Slot, _ definition: StructureElement, below place: ValidationPlace,
    in context: ValidationContext
  ) {
    let isArray = definition.isArray
    for value in [slot.value, slot.extra].compactMap({ $0 }) {
      guard (value.kind == .array) == isArray else {
        let text = isArray ? "must be an array" : "must be one value, not an array"
        return error(.structure, text, at: place.child(definition.name))
      }
      if isArray && value.count == 0 {
        error(.structure, "an array must not be empty", at: place.child(definition.name))
      }
    }
    let elements = ValidationElement.elements(
      slot.value, slot.extra, definition, slot.member.type, place)
    if elements.isEmpty, !isArray {
      error(.structure, "null is no value", at: place.child(definition.name))
    }
    for element in elements {
      guard issues.isOpen else { return }
      check(element, definition, in: context)
    }
  }

  /// One element by what its definition says.
  private func check(
    _ element: ValidationElement, _ definition: StructureElement, in context: ValidationContext
  ) {
    guard issues.step() else { return }
    guard element.value != nil || element.extra != nil else {
      return error(
        .invariant, "an element must have a value or children", at: element.place, key: "ele-1")
    }
    if let primitive = element.type.primitive {
      guard checkPrimitive(element, primitive, in: context) else { return }
    } else {
      guard element.value?.kind == .object else {
        return error(.structure, "must be an object", at: element.place)
      }
      if element.value?.count == 0 {
        return error(
          .invariant, "an element must have a value or children", at: element.place, key: "ele-1")
      }
      if element.type.code == "Resource" {
        return checkNestedResource(element, definition, in: context)
      }
      checkMembers(of: element, in: context)
    }
    checkID(of: element, in: context)
    if let binding = definition.binding { check(binding, of: element) }
    check(definition.invariants, of: element, in: context)
    guard element.type.primitive == nil else { return }
    check(element.structure?.invariants ?? [], of: element, in: context)
    switch element.type.code {
    case "Reference": checkReference(element, targets: element.type.targets, in: context)
    case "Extension": checkExtension(element, in: context)
    default: break
    }
    for key in element.type.profiles {
      guard let rules = profiles.profile(key, near: "4.0.1") else { continue }
      check(element, rules.root, version: rules.version, in: context)
    }
  }

  private func checkNestedResource(
    _ element: ValidationElement, _ definition: StructureElement, in context: ValidationContext
  ) {
    let isContained = definition.name == "contained"
    checkResource(
      element, container: isContained ? context.root : nil,
      bundle: isContained ? nil : context.bundle)
  }

  /// Ids of elements are told apart within a resource (R4 2.24.0.1 `Element.id`); those of element
  /// definitions stand in the snapshot and in the differential.
  private func checkID(of element: ValidationElement, in context: ValidationContext) {
    guard let id = element.object?["id"]?.string, element.type.code != "ElementDefinition" else {
      return
    }
    if !context.elementIDs.insert(id).inserted {
      error(
        .value, "another element of the resource has the same id", at: element.place.child("id"))
    }
  }
}
