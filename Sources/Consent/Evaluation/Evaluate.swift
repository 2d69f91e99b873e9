/// Decides one request: a pure function of what is handed in (docs/design/consent.md).
///
/// `grants` are those whose signatures were verified; `uses` tells how often a grant was used before.
/// After a permit whose basis names grants, count one use of each in the transaction that logs it.
public func evaluate(
  _ request: AccessRequest, grants: [Grant], profile: PolicyProfile, uses: (GrantID) -> Int
) -> Decision {
  PreparedAccess(request.context, grants: grants, profile: profile, uses: uses)
    .decide(recordType: request.recordType, labels: request.labels, date: request.date)
}
