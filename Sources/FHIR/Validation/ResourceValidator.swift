/// Validates resources against R4 and profiles, as `$validate` asks for (R4 3.2.0.2, 4.1.5, 5.1).
///
/// Unknown elements, cardinality, the form and range of primitives, bindings to the value sets that
/// are at hand, types of references, ids, what is contained, extensions, narratives, and invariants;
/// of profiles also fixed values, patterns and slices. `docs/design/validation.md` says what is left
/// out. Work is bounded, and nothing of what is found quotes a value.
public struct ResourceValidator: Sendable {
  /// Bounds on one validation.
  public struct Limits: Sendable {
    /// How many errors are told, and as many remarks.
    public var maximumIssues: Int
    /// How many steps may be taken: about one for each element and rule.
    public var maximumSteps: Int

    /// The given limits; what is left out has its default.
    public init(maximumIssues: Int = 200, maximumSteps: Int = 4_000_000) {
      self.maximumIssues = maximumIssues
      self.maximumSteps = maximumSteps
    }
  }

  /// Whether `meta.profile` of the resource and of those inside of it counts.
  public var usesClaimedProfiles: Bool
  public var limits: Limits

  /// A validator.
  public init(usesClaimedProfiles: Bool = true, limits: Limits = .init()) {
    self.usesClaimedProfiles = usesClaimedProfiles
    self.limits = limits
  }

  /// What is to be said of a resource.
  ///
  /// `profiles` are canonical URLs beside those that the resource claims. With `|version` just that
  /// version is meant. Without, a resource conforms if it conforms to any version at hand; if to none,
  /// the issues are those of the newest.
  public func issues(in resource: JSONValue, profiles: [String] = []) -> [ValidationIssue] {
    let run = ValidationRun(limits: limits, usesClaimedProfiles: usesClaimedProfiles)
    run.validate(resource, profiles: profiles)
    return run.issues.found
  }

  /// The canonical URLs of the profiles that can be asked for, each with its version.
  public static var profiles: [String] { ProfileTable.standard.canonicals }
}

extension [ValidationIssue] {
  /// Whether the resource breaks no rule.
  public var isConformant: Bool { !contains { $0.severity == .error } }
}
