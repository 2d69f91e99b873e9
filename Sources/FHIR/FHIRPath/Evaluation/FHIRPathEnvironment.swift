public import Primitives

/// What an expression is evaluated in: the resource around its context, the time, types, variables, and
/// the ways out to terminology and other resources. Where a way out is absent, its function gives `{}`.
public final class FHIRPathEnvironment: Sendable {
  /// Finds the resource that a reference's text means.
  public typealias Resolver =
    @Sendable (_ reference: String, _ from: FHIRPathElement) ->
    FHIRPathItem?
  /// Whether a code, Coding or CodeableConcept is in the value set of that canonical URL.
  public typealias Membership = @Sendable (_ item: FHIRPathItem, _ valueSet: String) -> Bool?
  /// Whether a resource or element conforms to the profile of that canonical URL.
  public typealias Conformance = @Sendable (_ item: FHIRPathItem, _ profile: String) -> Bool?
  /// Is told what passes through `trace(name)`.
  public typealias Tracer = @Sendable (_ name: String, _ items: FHIRPathCollection) -> Void

  /// What is known of the structure of resources.
  public let types: any ElementTypes
  /// `%resource`: the resource that holds the context; nil where the context is a resource itself.
  public let resource: FHIRPathItem?
  /// `%rootResource`: the resource that contains `%resource`; nil where they are the same.
  public let rootResource: FHIRPathItem?
  /// What `now()`, `today()` and `timeOfDay()` go by; without it they are refused.
  public let now: Instant?
  /// The zone of these three, in minutes east of Greenwich.
  public let zoneMinutes: Int
  /// Further variables, by their names without the `%`.
  public let variables: [String: FHIRPathCollection]
  let resolver: Resolver?
  let membership: Membership?
  let conformance: Conformance?
  let tracer: Tracer?

  /// An environment in which nothing is known but the types of FHIR's data types.
  public static let plain = FHIRPathEnvironment()

  /// An environment; what is left out is not there.
  public init(
    types: any ElementTypes = InferredTypes.standard, resource: FHIRPathItem? = nil,
    rootResource: FHIRPathItem? = nil, now: Instant? = nil, zoneMinutes: Int = 0,
    variables: [String: FHIRPathCollection] = [:], resolver: Resolver? = nil,
    membership: Membership? = nil, conformance: Conformance? = nil, tracer: Tracer? = nil
  ) {
    self.types = types
    self.resource = resource
    self.rootResource = rootResource
    self.now = now
    self.zoneMinutes = zoneMinutes
    self.variables = variables
    self.resolver = resolver
    self.membership = membership
    self.conformance = conformance
    self.tracer = tracer
  }

  /// A resolver that looks at nothing but the reference's text: `Patient/1` gives a Patient of which
  /// nothing else is known. Enough for `resolve() is Patient`, as search parameters have it.
  public static func resolvingTypes(by types: any ElementTypes) -> Resolver {
    { reference, element in
      guard let name = typeName(in: reference), let type = types.type(named: name) else {
        return nil
      }
      return .element(FHIRPathElement(unread: type, in: element))
    }
  }

  /// `Type` of `…/Type/id` and `…/Type/id/_history/version`.
  private static func typeName(in reference: String) -> String? {
    let parts =
      reference.utf8.count > 2048
      ? [] : reference.split(separator: "/", omittingEmptySubsequences: false)
    let history = parts.count >= 4 && parts[parts.count - 2] == "_history" ? 2 : 0
    let place = parts.count - 2 - history
    guard place >= 0, ResourceType.isKnown(parts[place]) else { return nil }
    return String(parts[place])
  }
}
