public import Primitives

/// The moment a record is about: where its first `date` value begins. Nil where it has none, or one
/// without a beginning. A grant limited to a span of time goes by it.
public func clinicalDate(of resource: Resource) -> Instant? {
  let parameters = SearchParameterTable.standard.parameters(of: resource.type)
  guard let date = parameters.first(where: { $0.name == "date" && $0.kind == .date }),
    let first = date.dates(in: resource.root).first, first.start != DateInterval.beginning
  else { return nil }
  return Instant(millisecondsSinceEpoch: first.start)
}
