import FHIR
import Foundation
import Testing

struct StructureTableTests {
  private let table = StructureTable.r4

  @Test func elementsOfATypeStandInTheirOrder() throws {
    let name = try #require(table.type("HumanName"))
    #expect(
      name.elements.map(\.name) == [
        "id", "extension", "use", "text", "family", "given", "prefix", "suffix", "period",
      ])
    #expect(name.base == "Element")
    #expect(name.element("given")?.isArray == true)
    #expect(name.element("family")?.isArray == false)
    #expect(
      table.type("Patient.contact")?.elements.prefix(4).map(\.name) == [
        "id", "extension", "modifierExtension", "relationship",
      ])
  }

  @Test func choicesAreFoundByTheNameWithTheType() throws {
    let observation = try #require(table.resource("Observation"))
    let member = try #require(observation.member("valueQuantity"))
    #expect(member.element.name == "value" && member.type.code == "Quantity")
    #expect(observation.member("value") == nil)
    #expect(observation.member("valueAge") == nil)
    #expect(table.type("Extension")?.member("valueMeta") != nil)
    #expect(table.element(at: "Observation.valueQuantity.unit")?.types.first?.code == "string")
  }

  @Test func pathsLeadThroughTypesAndContentReferences() throws {
    let family = try #require(table.element(at: "Patient.contact.name.family"))
    #expect(family.types.first?.primitive == .string)
    let item = try #require(table.element(at: "Questionnaire.item.item.item.linkId"))
    #expect(item.minimum == 1)
    let general = try #require(table.element(at: "Patient.generalPractitioner"))
    #expect(general.types.first?.targets == ["Organization", "Practitioner", "PractitionerRole"])
    #expect(table.element(at: "Patient.photograph") == nil)
    #expect(table.element(at: "Nobody.name") == nil)
  }

  @Test func bindingsFlagsAndInvariants() throws {
    let gender = try #require(table.element(at: "Patient.gender"))
    #expect(gender.binding?.isRequired == true)
    #expect(gender.binding?.valueSet == "administrative-gender")
    #expect(table.element(at: "Patient.maritalStatus")?.binding?.isRequired == false)
    #expect(gender.isSummary && !gender.isModifier)
    #expect(table.element(at: "Patient.active")?.isModifier == true)
    #expect(table.element(at: "Patient.contact")?.invariants == ["pat-1"])
    #expect(table.type("Patient")?.invariants.contains("dom-2") == true)
    #expect(
      table.element(at: "Observation.referenceRange.low")?.types.first?.profiles == [
        "SimpleQuantity"
      ])
  }

  @Test func abstractTypesAreNoResources() {
    #expect(table.resource("Patient") != nil)
    #expect(table.resource("DomainResource") == nil)
    #expect(table.resource("HumanName") == nil)
    #expect(ResourceType.names.allSatisfy { table.resource($0) != nil })
  }
}

/// The table says what the published definitions say.
@Suite(.enabled(if: Definitions.isPresent, "needs the folder shared/definitions"))
struct StructureDefinitionTests {
  @Test func everySnapshotElementIsInTheTable() throws {
    var count = 0
    for file in ["profiles-types", "profiles-resources"] {
      for definition in try Definitions.resources("r4/\(file).json") {
        guard definition["derivation"]?.isString("constraint") != true,
          definition["kind"]?.isString("primitive-type") != true
        else { continue }
        count += try compare(definition)
      }
    }
    #expect(count > 7000)
  }

  private func compare(_ definition: JSONValue) throws -> Int {
    let name = try #require(definition["type"]?.string)
    var positions: [String: Int] = [:]
    let elements = Array(try #require(definition["snapshot"]?["element"]).elements.dropFirst())
    for element in elements {
      let path = try #require(element["path"]?.string)
      let steps = path.split(separator: ".").map(String.init)
      let last = try #require(steps.last)
      let owner = steps.dropLast().joined(separator: ".")
      let type = try #require(StructureTable.r4.type(owner), "\(owner)")
      let position = positions[owner, default: 0]
      positions[owner] = position + 1
      let found = try #require(type.elements.dropFirst(position).first, "\(path)")
      #expect(found.name + (found.isChoice ? "[x]" : "") == last)
      #expect(String(found.minimum) == element["min"]?.numberLiteral, "\(path)")
      #expect((found.maximum.map(String.init) ?? "*") == element["max"]?.string, "\(path)")
      #expect(found.isSummary == (element["isSummary"]?.bool ?? false), "\(path)")
      #expect(found.isModifier == element["isModifier"]?.bool, "\(path)")
      if let reference = element["contentReference"]?.string {
        #expect("#" + (found.types.first?.structure ?? "") == reference)
      } else {
        let codes = element["type"]?.elements.compactMap { $0["code"]?.string } ?? []
        let isSystem = codes.first?.hasPrefix("http:") == true
        #expect(isSystem || found.types.map(\.code) == codes, "\(path)")
        let targets = element["type"]?.elements.map { type in
          let all = type["targetProfile"]?.elements.compactMap {
            $0.string?.split(separator: "/").last
          }
          return Set((all ?? []).map(String.init))
        }
        let wanted = (targets ?? []).map { $0.contains("Resource") ? [] : $0 }
        #expect(found.types.map { Set($0.targets) } == wanted, "\(path)")
      }
    }
    // Nothing beyond what is published.
    for (owner, count) in positions {
      #expect(StructureTable.r4.type(owner)?.elements.count == count, "\(owner)")
    }
    #expect(StructureTable.r4.type(name) != nil)
    return elements.count
  }
}
