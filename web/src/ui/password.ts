/** The server's rule; it alone decides, and this saves the way there. */
export const shortestPassword = 12

export const isTooShort = (password: string): boolean => [...password].length < shortestPassword
