package import Consent

/// Who may use a route: one row of the table of access.
///
/// A row says what the route asks for; who has that, the table of permissions (`PermissionRule.table`), the
/// table of roles (`RoleRule.table`) and the patient's consents say.
package indirect enum RouteAccess: Hashable, Sendable {
  /// Everybody: nothing here is about anybody.
  case anybody
  /// Whoever sends what the route itself checks: a password, an invitation, the key of a client. Nothing
  /// that came with the request besides opens it.
  case proof
  /// Whoever has a session, be it of one factor: to set up the second, and to sign out.
  case session
  /// A session of two factors, in some capacity.
  case member
  /// As `member`, with a factor shown within the last minutes.
  case freshFactor
  /// The owner of a chart in a household; in an organization nobody.
  case household
  /// As `member`, in a capacity that has one of these permissions. The table says whether it takes a fresh
  /// factor, and whether it is for own charts only.
  case permission(Set<NodePermission>)
  /// A session of two factors; what of the chart is shown is decided record by record.
  case chart(ConsentAction)
  /// As `chart`, of the patient whom the visitor is or acts for, and of nobody else.
  case ownChart(ConsentAction)
  /// With a token of the REST API, what a session of the same person in the same capacity could.
  case signedInProgram(RouteAccess)
  /// A program: a bearer token, an app for a person, a service, a paired node.
  case program
  /// A program, and of the records only what is open to it. What it has made for itself is.
  case records(ConsentAction)
  /// A program; each entry of a batch or transaction asks for itself, as the request that it stands for.
  case entries
  /// An app that acts for a person.
  case app
  /// Whoever it belongs to, and for everybody else it is not there.
  case owner
  /// A paired node, by its certificate.
  case peer
  /// A program that acts in a role which may break the glass, and a paired organization. A person does it by
  /// hand: not by an app.
  case emergency
}
