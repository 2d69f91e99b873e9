import Primitives
import Synchronization

/// Evaluates the FHIRPath of invariants, all of one validation within one budget.
final class InvariantCheck {
  private let budget: FHIRPathBudget

  /// Whether the budget was used up, so that some invariants were not looked at.
  private(set) var isExhausted = false

  init(steps: Int) { budget = FHIRPathBudget(steps: steps) }

  /// Whether an expression holds for an element. Only `false` breaks an invariant: `{}` comes out of
  /// many where what they speak of is absent (bdl-8 of an entry without fullUrl), and where FHIRPath
  /// refuses the expression or what it finds nothing can be told.
  func holds(
    _ expression: String, for element: ValidationElement, in context: ValidationContext
  ) -> Bool {
    guard let path = Self.compiled(expression), let item = item(element) else { return true }
    do throws(PeerChartError) {
      return try path.holds(for: item, in: context.environment, budget: budget) ?? true
    } catch {
      if error.code == .tooLarge { isExhausted = true }
      return true
    }
  }

  private func item(_ element: ValidationElement) -> FHIRPathItem? {
    let types = StructureElementTypes.standard
    let name = element.type.code == "Resource" ? element.typeName : element.type.structure
    let type = types.type(named: name) ?? types.type(named: element.type.code) ?? .unknown
    if let value = element.value {
      return .element(FHIRPathElement(value, companion: element.extra, type: type))
    }
    return element.extra.map { .element(FHIRPathElement(extraOnly: $0, type: type)) }
  }

  private static let expressions = Mutex<[String: FHIRPath?]>([:])

  /// The expression, compiled once in the life of the program; nil where it is not understood.
  static func compiled(_ expression: String) -> FHIRPath? {
    if let known = expressions.withLock({ $0[expression] }) { return known }
    let path: FHIRPath?
    do throws(PeerChartError) { path = try FHIRPath(expression) } catch { path = nil }
    expressions.withLock { $0[expression] = .some(path) }
    return path
  }
}

extension FHIRPathElement {
  /// A primitive without a value, by the object beside it.
  fileprivate init(extraOnly extra: JSONValue, type: ElementType) {
    self.init(storage: extra.storage, index: -1, companion: extra.index, type: type)
  }
}

extension ValidationContext {
  /// What expressions about elements of this resource may know.
  func makeEnvironment() -> FHIRPathEnvironment {
    let types = StructureElementTypes.standard
    let contained = reachable
    let entries = bundle?.values ?? [:]
    return FHIRPathEnvironment(
      types: types,
      resource: resource.value.map { FHIRPathItem($0, type: .resource, types: types) },
      rootResource: root.resource.value.map { FHIRPathItem($0, type: .resource, types: types) },
      resolver: { reference, element in
        if let value = contained[reference] ?? entries[reference] {
          return FHIRPathItem(value, type: .resource, types: types)
        }
        return FHIRPathEnvironment.resolvingTypes(by: types)(reference, element)
      })
  }
}
