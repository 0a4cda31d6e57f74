import { lazy } from "./lazy.ts";
import { unpackGrid } from "./pack.ts";

/** IQ1_S and IQ1_M: 2048 vectors of eight values -1, 0 and 1. */
export const iq1SGrid = lazy(() =>
  unpackGrid(
    "0020406080a0d0i0k0o0q0v0B0D0F0N0S0U0Y0.0^0&0>0]0}03141a1c1e1g1h1m1s1w1y1C1E1I1K1M1O1P1W1:1=1!1)102226282d2i2k2o2" +
      "q2v2B2H2M2Q2S2U2Y2.2:2^2*2&2>2]2}2a3c3e3m3s3y3E3I3M3N3:3*3)314344454d4f4h4p4r4v4z4A4B4D4E4F4H4J4L4N4P4R4T4:4^4/4" +
      "?4<4(4)4[4{4c5g5s5u5A5C5E5G5J5K5O5Q5W5:5=5*506266686d6i6k6o6q6v6B6F6N6S6U6Y6.6^6&6>6]6}647a7c7g7l7m7s7A7B7E7K7M7" +
      "Q7:7=7!7*7)708286888d8i8k8o8q8v8B8H8K8N8S8U8W8Y8.8^8&8>8]8}899a9c9g9l9m9s9u9A9E9G9K9M9N9Q9:9=9!9<9)91a3a5a7a9aba" +
      "dafajalapavazaAaBaCaDaEaFaHaJaNaVa+a^a<a(aabcbebmbrbwbybCbEbGbIbMbObWb:b=b!b)b1c5c7cccdcfcgcjcncscvcwcxczcBcDcEc" +
      "FcHcLcNcPcVcZc-c=c^c/c*c?c<c(c)c{c2d4d8dadcdddedgdidkdmdodqdsdudvdwdBdCdDdEdFdHdIdKdMdNdOdQdSdUdVdWdYd.d-d:d=d^d" +
      "!d*d?d&d>d)d1e3e4e5edeeefehejenereteuevexezeBeEeFeGeHeKeMeNePeQeReXe.e+e^e(e{eafefmfsfufwfyfAfEfGfIfJfKfMfOfQfWf" +
      ":f=f)f9gbgdghgjgmgtgugvgxgBgDgEgFgHgIgJgNgRgZg:g+g^g/g<g[g{g7hehlhnhuhwhyhAhChEhGhKhOhQhWh:h!h?h0i2i6i8idiiikimi" +
      "oiqiviBiHiKiNiSiUiYi.i^i&i>i)i]i}i4jajcjgjmjtjujyjEjGjIjKjMjNjOjWj-j!j*j)j1k6k8kakdkikkkokqkvkBkFkHkNkTkYk.k:k^k" +
      "&k>k]k}k4lclelglmlulvlwlylClElGlIlOlWl:l=l*l<l)l7mdmjmpmrmvmxmBmDmEmHmLmNmPmZm-m=m^m/m?m<m(m[m{m4n9nbngnmnsnynEn" +
      "JnKnQnVnXn-n?n0o2o6o8odoiokoooqovoBoDoNoSoUoYo.o&o>o]o}o7papcpgpmpwpypCpEpKpMpOpQpWp-p!p*p(p)p0q2q6q8qiqkqoqqqvq" +
      "BqFqHqNqSqUqYq.q^q&q>q]q}q4rarermryrCrErGrIrKrMrOr=r*r<r[r0s1s3s5s7sbsdsesfshsjsnspsvsxszsBsDsEsFsHsIsNsPsRsTsVs" +
      "Xs-s+s^s&s<s>s4tatctetmtstCtEtItMtQtZt=t)t1udugupuvuxuzuBuDuEuFuKuLuNuPuRuTuXuZu-u+u^u&u<u{u1v2v4v8vavcvdvevgviv" +
      "mvqvsvuvvvwvyvAvBvDvEvFvGvHvKvMvNvOvQvUvVvWvYv:v=v^v!v*v?v)v]v}v1w4w7wcwdwfwhwjwlwpwrwtwvwxwAwBwCwEwFwHwLwNwPwTw" +
      "Ww.w=w^w<w(w[w4xaxdxhxmxtxyxAxExGxKxMxOxQxWx:x=x!x*x)x1y4y5y8y9ycydyfyjylynyryvyzyByCyDyEyFyHyJyLyNyOyRyXyZy+y^y" +
      "!y/y<y(y[y{yezuzwzyzEzGzIzMzQz=z)z1A3A4A5A7AbAdAhAjAlApArAvAxABADAEAFAHANAPAXAZA^A/A&A<A[A{A4B6B7B8BaBcBdBeBfBgB" +
      "iBmBnBoBqBsBuBvBwByBABBBCBDBEBFBGBHBIBKBMBNBOBQBUBWB:B=B^B!B*B&B)B}B1C5CbCdChCjClCtCvCzCBCDCECFCHCLCNCWC-C+C^C*C" +
      "?C(C3D4DaDcDdDeDfDgDjDmDoDqDsDuDvDwDyDzDADBDDDEDFDGDHDIDKDLDMDNDODQDSDYD.D:D=D^D!D*D<D(D)D}D1E2E3E4E5E7E9EaEbEcE" +
      "dEeEgEhEjElEmEnEpErEsEtEuEvEwExEyEAEBECEDEEEFEGEHEIEJEKEMENEOEPEQERETEVEWEZE.E-E:E=E^E!E/E*E<E(E)E[E{E0F1F2F3F5F" +
      "6F7FaFcFdFfFgFiFjFkFlFmFnFoFpFsFvFwFxFyFzFAFBFCFDFEFFFGFHFIFKFMFNFQFUFWFXFYFZF.F:F^F?F>F)F[F]F{F3G4G5G7G9GdGfGjG" +
      "qGvGxGzGBGDGEGFGGGHGJGLGMGNGUGZG-G+G^G/G<G{G1H2H4H8HaHcHdHeHgHmHsHuHvHwHyHAHBHCHDHEHFHGHHHIHKHMHNHOHQHTHWHZH:H=H" +
      "^H!H/H*H)H3I6IdIhIiImInIpIvIxIyIBIEIFIGIHILINIPIRITI.I+I^I!I/I?I<I4JcJeJgJmJuJAJEJFJGJIJKJMJOJQJTJ!J)J1K3K5K7KbK" +
      "dKjKkKnKpKvKyKBKEKFKHKNKOKRKVK.K+K^K<K[K{KaLeLgLrLsLwLELFLGLJLWL:L!L)LaMbMdMeMhMjMnMpMrMtMvMxMzMBMDMEMFMHMIMJMLM" +
      "NMVMWMZM-M+M=M^M!M/M?M<M(M{M4N6N8NaNdNeNgNuNvNwNyNANBNDNENFNHNKNMNNNONQNXNZN.N:N^N!N*N?N>N)N[N]N2O7OdOiOnOoOpOrO" +
      "vOxOzOBODOEOFOGOIOJONOPOSOUOWO.O=O!O/O*O&O(O[O}OePgPmPsPCPEPIPKPQPWP:P/P[P1Q3Q9QdQjQlQnQpQrQsQvQwQxQBQDQEQFQHQJQ" +
      "NQRQUQVQ.Q^Q<Q(Q)Q{QaReRfRsRuRyRARERGRIRMRNRQRXR=R/R?R[R0S2S6S8SiSkSoSqSvSASBSDSFSHSNSSSUSYS.S^S&S>S]S}S4TaTcTeT" +
      "gTmTsTuTyTATCTETFTGTHTMTOTQTWTZT=T!T*T)T0U2U6U8UdUiUkUoUqUBUDUHUNUSUUUYU.U^U&U>U]U}UcVgVsVuVBVEVIVKVMVQV=V*V1W7W" +
      "bWdWhWnWpWrWsWvWxWBWDWEWFWHWIWNWOWPWRWTWVWXWZW-W+W^W/W[WaXeXgXmXsXuXyXzXAXEXHXIXKXOXRXWX:X?X(X0Y2Y6Y8YdYiYkYoYqY" +
      "sYvYBYDYHYNYQYSYUYYY.Y^Y&Y>Y]Y}Y4Z5ZaZcZeZmZsZuZwZyZAZCZEZIZKZMZWZ!Z*Z)Z0.2.6.8.d.i.k.o.q.v.B.D.F.S.U.Y...^.&.>." +
      "].}.4-a-e-f-g-m-s-w-y-E-G-I-Q-R-W-:-=-!-*-)-1:3:5:7:9:d:f:h:j:l:n:p:r:v:A:B:D:E:F:H:L:N:V:X:+:^:/:<:(:[:{:4+a+c+" +
      "g+m+u+w+y+A+C+E+G+O+Q+W+=+!+{+1=3=5=9=d=f=n=r=z=B=D=E=F=G=H=J=K=L=N=V=X=+===^=/=<={=0^4^6^8^9^a^c^d^e^g^j^m^p^q^" +
      "s^u^v^w^y^A^B^C^D^E^F^G^H^I^K^M^N^O^Q^T^W^Y^:^+^=^^^!^*^?^&^>^)^]^}^1!3!9!d!g!i!n!p!v!x!y!B!C!E!F!H!N!P!U!V!Z!.!" +
      "+!=!^!(![!{!4/e/g/m/s/w/A/C/E/F/I/M/N/W/:/!/*/)/3*5*7*9*b*d*f*h*i*j*l*n*r*t*v*x*z*B*D*E*F*H*L*N*O*R*T*V*-*+*^*?*" +
      "<*[*4?d?m?u?w?y?A?E?G?K?W?:?=?^?!?0&2&6&8&d&i&k&o&q&v&B&D&F&H&S&U&Y&.&^&&&>&]&}&4<7<a<c<e<g<h<w<y<B<E<G<I<K<M<W<" +
      "-<+<!<*<2>6>8>9>g>k>o>q>v>B>F>H>N>S>U>Y>.>^>&>>>]>}>g(m(s(u(A(D(E(G(I(K(N(O(P(Q(W(5)7)9)b)d)f)n)p)t)v)B)D)E)F)H)" +
      "N)R)T)V)W)X)Z)+)^)/)4[a[e[h[j[m[u[w[z[C[E[F[G[J[L[X[-[^[![*[<[([[[0]2]6]8]i]k]o]q]B]D]F]H]S]U]Y].]^]&]>]]]}]4{c{" +
      "g{j{m{s{A{E{I{K{O{Q{-{!{0}2}6}8}i}k}o}q}B}D}F}S}U}Y}.}^}&}>}]}}}",
    [-1, 0, 1],
  ),
);
