package conformance_test

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dovetail-go/dovetail/internal/tests/models"
)

func folderName(f *models.Folder) string { return strconv.FormatInt(f.ID, 10) }

func personStaff(p *models.Person) []*models.Person { return p.Staff }

func personName(p *models.Person) string { return p.Name }

func drawnKids(rows []*models.Folder) string {
	return models.DrawnAll(rows, folderName, models.FolderKids)
}

// drawnParents writes a row and those above it: "4<2<1".
func drawnParents(rows []*models.Folder) string {
	parts := make([]string, 0, len(rows))
	for _, f := range rows {
		names := []string{}
		for ; f != nil; f = f.Parent {
			names = append(names, folderName(f))
		}
		parts = append(parts, strings.Join(names, "<"))
	}
	return strings.Join(parts, " ")
}

// walked returns every folder below the rows, each once, without the rows themselves.
func walked(rows []*models.Folder) []*models.Folder {
	var all []*models.Folder
	var walk func(*models.Folder)
	walk = func(f *models.Folder) {
		for _, k := range f.Kids {
			if !slices.Contains(all, k) {
				all = append(all, k)
				walk(k)
			}
		}
	}
	for _, r := range rows {
		walk(r)
	}
	return all
}
