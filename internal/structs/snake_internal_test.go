package structs

import (
	"testing"

	"github.com/georgysavva/scany/v2/dbscan"
	"pgregory.net/rapid"
)

func TestSnakeCaseAgreesWithScany(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"", "ID", "Id", "UserID", "UserID2", "UserID2Name", "HTMLURL", "HTTPServer", "OAuth2Token", "A", "AB", "ABc", "AbC",
		"IPv4Address", "X1Y2", "URLs", "JSONData", "Name_", "A_B", "A_Bc", "_Foo", "Snake_Case", "ÄnderungID", "IDÄb",
		"Straße2Nr", "Ünder", "aB", "Größe", "ΣIGMA", "X509Cert", "SHA256Sum", "a\nBc", "a\nB",
	} {
		if got, want := snakeCase(name), dbscan.SnakeCaseMapper(name); got != want {
			t.Errorf("snakeCase(%q) = %q, scany has %q", name, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(
			rapid.StringMatching(`[A-Z][A-Za-z0-9_]{0,20}`),
			rapid.StringOf(rapid.SampledFrom([]rune("aZ9_éÉß\nBc"))),
			rapid.String(),
		).Draw(t, "name")
		if got, want := snakeCase(name), dbscan.SnakeCaseMapper(name); got != want {
			t.Fatalf("snakeCase(%q) = %q, scany has %q", name, got, want)
		}
	})
}
