#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A place on Earth in WGS 84 degrees (`Location.position`).
struct GeoPosition: Hashable, Sendable {
  /// The mean radius of the Earth, in kilometres.
  private static let radius = 6371.0088

  let latitude: Double
  let longitude: Double

  /// Nil beyond the poles and beyond a turn.
  init?(latitude: Double, longitude: Double) {
    guard (-90...90).contains(latitude), (-180...180).contains(longitude) else { return nil }
    self.latitude = latitude
    self.longitude = longitude
  }

  init?(_ value: JSONValue) {
    guard let latitude = value["latitude"]?.numberLiteral.flatMap(Double.init),
      let longitude = value["longitude"]?.numberLiteral.flatMap(Double.init)
    else { return nil }
    self.init(latitude: latitude, longitude: longitude)
  }

  /// The distance along the surface of a sphere in kilometres, by the haversine formula: up to half a
  /// percent off the ellipsoid.
  func distance(to other: GeoPosition) -> Double {
    let half = Double.pi / 360
    let a = sin((other.latitude - latitude) * half)
    let b = sin((other.longitude - longitude) * half)
    let c = cos(latitude * half * 2) * cos(other.latitude * half * 2)
    return 2 * Self.radius * asin(min(1, (a * a + c * b * b).squareRoot()))
  }
}
