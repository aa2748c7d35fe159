package language

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold brings what people type to one form for comparing: lower case, without accents, single spaces.
// "Cập  Nhật" and "cap nhat" are the same.
func Fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
		case r == 'đ':
			b.WriteRune('d')
		default:
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// LooksVietnamese reports whether the text has letters that English and its neighbours do not use.
func LooksVietnamese(s string) bool {
	return strings.ContainsFunc(norm.NFC.String(strings.ToLower(s)), func(r rune) bool {
		return strings.ContainsRune("đơưăạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", r)
	})
}
