import FHIR
import Foundation
import Primitives
import Testing

/// Every expression that FHIR R4 and US Core publish compiles, and their invariants hold for the
/// examples that they publish.
@Suite(.enabled(if: FHIRPathDefinitions.folder != nil, "needs the folder `shared`"))
struct FHIRPathDefinitionTests {
  @Test func everyPublishedExpressionCompiles() throws {
    let definitions = try FHIRPathDefinitions.resources(
      FHIRPathDefinitions.baseFiles + FHIRPathDefinitions.otherFiles)
    let invariants = FHIRPathDefinitions.invariants(in: definitions)
    #expect(Set(invariants.map(\.expression)).count > 200)
    for invariant in invariants {
      #expect(throws: Never.self, "\(invariant.key): \(invariant.expression)") {
        _ = try FHIRPath(invariant.expression)
      }
    }
    let searches = try FHIRPathDefinitions.searchExpressions()
    #expect(searches.count > 1300)
    for search in searches {
      #expect(throws: Never.self, "\(search.name): \(search.expression)") {
        _ = try FHIRPath(search.expression)
      }
    }
  }

  /// Examples that break an invariant of R4, each looked at: the example or the invariant is at fault.
  private static let known: Set<String> = []

  @Test func invariantsHoldForTheExamples() throws {
    let definitions = try FHIRPathDefinitions.resources(FHIRPathDefinitions.baseFiles)
      .filter { $0["derivation"]?.isString("constraint") != true }
    let types = StructureElementTypes.standard
    let invariants = FHIRPathDefinitions.invariants(in: definitions).filter(\.isError)
    var byPath: [String: [(FHIRPathDefinitions.Invariant, FHIRPath)]] = [:]
    for invariant in invariants {
      byPath[invariant.path, default: []].append((invariant, try FHIRPath(invariant.expression)))
    }
    var checked = 0
    var elapsed = Duration.zero
    var broken: Set<String> = []
    for resource in try SearchSupport.corpus() where resource.root.range.count < 200_000 {
      let item = FHIRPathItem(resource, types: types)
      let environment = FHIRPathEnvironment(types: types, resource: item, now: FHIRPathSupport.now)
      let budget = FHIRPathBudget(steps: 50_000_000)
      var queue = [item]
      while let next = queue.popLast() {
        guard let element = next.element else { continue }
        for (invariant, path) in Self.invariants(for: element.type, types, byPath) {
          checked += 1
          let name = "\(invariant.key) \(resource.type)/\(resource.id ?? "")"
          let start = ContinuousClock.now
          defer { elapsed += ContinuousClock.now - start }
          do throws(PeerChartError) {
            if try path.holds(for: next, in: environment, budget: budget) == false {
              broken.insert(name)
            }
          } catch {
            Issue.record("\(name): \(error)")
          }
        }
        queue += try Self.children.evaluate(on: next, in: environment, budget: budget)
          .filter { $0.element?.value?["resourceType"] == nil }
      }
    }
    print("invariants checked: \(checked) in \(elapsed)")
    #expect(checked > 100_000)
    #expect(Array(broken.subtracting(Self.known).sorted().prefix(40)) == [])
    #expect(Self.known.subtracting(broken) == [])
  }

  private static let children: FHIRPath = {
    guard let path = try? FHIRPath("children()") else { preconditionFailure("children()") }
    return path
  }()

  /// The invariants of a type and of what it specializes.
  private static func invariants(
    for type: ElementType, _ types: StructureElementTypes,
    _ byPath: [String: [(FHIRPathDefinitions.Invariant, FHIRPath)]]
  ) -> [(FHIRPathDefinitions.Invariant, FHIRPath)] {
    var found: [(FHIRPathDefinitions.Invariant, FHIRPath)] = []
    var current: ElementType? = type
    while let one = current {
      found += byPath[types.name(of: one)] ?? []
      current = types.base(of: one)
    }
    return found
  }
}
