package goal

import (
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestDetectLanguage(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"waiting for legal", English},
		{"Cut CAC from $250 to $150 by Q4", English},
		{"the café reopened on Friday", English},
		{"same", English},
		{"done", English},
		{"chờ pháp lý", Vietnamese},
		{"Giảm CAC từ 250 đô xuống 150 đô vào quý 4", Vietnamese},
		{"Giam CAC tu 250 do xuong 150 do vao quy 4", Vietnamese},
		{"khong co gi moi", Vietnamese},
		{"xong rồi", Vietnamese},
		{"xong", Vietnamese},
		{"tuan nay tang nhe", Vietnamese},
		{"Tăng NPS", Vietnamese},
		{"210, 7/10", ""},
		{"G-12 CAC", ""},
		{"", ""},
		{"👍", ""},
	} {
		if got := DetectLanguage(tt.in); got != tt.want {
			t.Errorf("DetectLanguage(%q) = %q, want %q", tt.in, got, tt.want)
		}
		if got := DetectLanguage(norm.NFD.String(tt.in)); got != tt.want {
			t.Errorf("DetectLanguage(%q) in NFD = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestSurelyIn(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"waiting for legal", English},
		{"the café reopened on Friday", English},
		{"chờ bên pháp chế", Vietnamese},
		{"khong co gi moi ca tuan nay", Vietnamese},
		{"Cut CAC from $250 to $150 by Q4", English},
		{"danh sach alex", ""},
		{"Trần Mỹ Linh", ""},
		{"ask Trần Linh about it today", ""},
		{"xong rồi", ""},
		{"xem G-1", ""},
		{"hello asdf qwer", ""},
		{"", ""},
	} {
		if got := SurelyIn(tt.in); got != tt.want {
			t.Errorf("SurelyIn(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
